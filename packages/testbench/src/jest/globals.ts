/** What of Jest's globals is used here. Declared and not imported: whoever runs the tests brings Jest. */
export interface JestExpect {
  extend(matchers: object): void;
  getState(): { readonly currentTestName?: string } & Readonly<Record<string, unknown>>;
  setState(state: Record<string, unknown>): void;
}

interface JestTest {
  (name: string, fn: () => void): void;
  skip(name: string, fn: () => void): void;
}

declare const expect: JestExpect | undefined;
declare const test: JestTest | undefined;
declare const describe: ((name: string, fn: () => void) => void) | undefined;
declare const afterEach: ((fn: () => void) => void) | undefined;

/** Jest's `expect`, null where no Jest runs. */
export function jestExpect(): JestExpect | null {
  return typeof expect === 'undefined' ? null : expect;
}

/** Has `fn` called after each test. False where that cannot be: no Jest, or a test runs already. */
export function afterEachTest(fn: () => void): boolean {
  if (typeof afterEach === 'undefined' || jestExpect()?.getState().currentTestName !== undefined) return false;
  afterEach(fn);
  return true;
}

/** Jest's `describe` and `test`. @throws Error where no Jest runs. */
export function jestSuite(): { readonly describe: (name: string, fn: () => void) => void; readonly test: JestTest } {
  if (typeof describe === 'undefined' || typeof test === 'undefined') throw new Error('A suite needs Jest: call it at the top of a test file.');
  return { describe, test };
}
