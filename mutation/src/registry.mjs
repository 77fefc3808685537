// describe, test and hooks as Jest has them: collected when a test file is evaluated, run afterwards.
import { bind } from 'jest-each';

class Block {
  children = [];
  hooks = { beforeAll: [], beforeEach: [], afterEach: [], afterAll: [] };

  constructor(title, parent, skipped) {
    this.title = title;
    this.parent = parent;
    this.skipped = skipped || (parent?.skipped ?? false);
  }

  get path() { return this.parent === null ? [] : [...this.parent.path, this.title]; }
}

/** The tests of one test file, in the order in which they stand. */
export class Registry {
  #top = new Block('', null, false);
  #block = this.#top;
  #names = new Map();
  #focused = false;

  constructor(file) {
    this.file = file;
    const describe = this.#describe(false);
    describe.skip = this.#describe(true);
    const test = this.#test({});
    test.skip = this.#test({ skipped: true });
    test.only = this.#test({ only: true });
    test.todo = (title) => this.#add(title, undefined, { skipped: true });
    for (const form of [test, test.skip, test.only]) form.each = bind(form);
    for (const form of [describe, describe.skip]) form.each = bind(form, false);
    this.globals = { describe, test, it: test, xtest: test.skip, xit: test.skip, xdescribe: describe.skip };
    for (const kind of Object.keys(this.#top.hooks)) this.globals[kind] = (fn) => void this.#block.hooks[kind].push(fn);
  }

  /** Every test, `{ id, name, skipped }`. */
  get tests() { return [...this.#testsOf(this.#top)]; }

  /** Runs the tests whose id `wanted` takes. `report(test, error | null, ms)` says whether to go on. */
  async run(wanted, around, report) {
    await this.#runBlock(this.#top, null, (test) => wanted(test.id) && !this.#isSkipped(test), around, report);
  }

  #isSkipped(test) { return test.skipped || (this.#focused && !test.only); }

  * #testsOf(block) {
    for (const child of block.children) {
      if (child instanceof Block) yield* this.#testsOf(child);
      else yield { id: child.id, name: child.name, skipped: this.#isSkipped(child) };
    }
  }

  #describe(skipped) {
    return (title, body) => {
      const outer = this.#block;
      const block = new Block(String(title?.name ?? title), outer, skipped);
      outer.children.push(block);
      this.#block = block;
      try {
        body();
      } finally {
        this.#block = outer;
      }
    };
  }

  #test(traits) { return (title, fn) => this.#add(String(title?.name ?? title), fn, traits); }

  #add(title, fn, traits) {
    const name = [...this.#block.path, title].join(' ');
    const nth = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, nth);
    const id = `${this.file} > ${name}${nth === 1 ? '' : ` (${nth})`}`;
    this.#focused ||= traits.only === true;
    this.#block.children.push({ id, name, fn, only: traits.only === true, skipped: traits.skipped === true || this.#block.skipped });
  }

  /** Returns whether to go on. A failing afterAll is thrown: it belongs to no one test. */
  async #runBlock(block, failed, selected, around, report) {
    if (!this.#some(block, selected)) return true;
    const broken = failed ?? await failureOf(() => runAll(block.hooks.beforeAll));
    for (const child of block.children) {
      const more = child instanceof Block
        ? await this.#runBlock(child, broken, selected, around, report)
        : !selected(child) || await this.#runTest(child, block, broken, around, report);
      if (!more) return false;
    }
    await runAll(block.hooks.afterAll);
    return true;
  }

  #some(block, selected) {
    return block.children.some((child) => child instanceof Block ? this.#some(child, selected) : selected(child));
  }

  async #runTest(test, block, broken, around, report) {
    const start = performance.now();
    around.before(test.id);
    let failure = broken ?? await failureOf(async () => {
      await runAll(beforeEachOf(block));
      await test.fn();
    });
    const late = await failureOf(() => runAll(afterEachOf(block)));
    failure ??= late ?? await failureOf(() => around.check());
    around.after();
    return report(test, failure, performance.now() - start);
  }
}

/** Outermost block first. */
function beforeEachOf(block) {
  return block === null ? [] : [...beforeEachOf(block.parent), ...block.hooks.beforeEach];
}

/** Innermost block first. */
function afterEachOf(block) {
  return block === null ? [] : [...block.hooks.afterEach, ...afterEachOf(block.parent)];
}

async function runAll(hooks) {
  for (const hook of hooks) await hook();
}

async function failureOf(action) {
  try {
    await action();
    return null;
  } catch (error) {
    return error ?? new Error(`threw ${String(error)}`);
  }
}
