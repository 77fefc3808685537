import { DEFAULT_LIMITS } from '../name.ts';
import type { DeviceTree } from '../tree.ts';
import { Draft, type DraftNode } from './draft.ts';
import { readOperand } from './expression.ts';
import { resolve } from './resolve.ts';
import { Scanner } from './scanner.ts';
import { readValue } from './values.ts';

/**
 * Reads dts source (`/dts-v1/;`), as it leaves the preprocessor. Nodes that are referred to by phandle and have none get the numbers that dtc gives.
 *
 * Every error begins with `line:column`.
 * @throws EINVAL for what breaks the grammar, EEXIST for a name or label given twice, ENOENT for a reference to nothing, ERANGE and EOVERFLOW
 * for numbers too large, EOPNOTSUPP for what only dtc does (overlays, inclusion of files).
 */
export function parseDts(text: string): DeviceTree {
  const scanner = new Scanner(text);
  const draft = new Draft();
  new DtsReader(scanner, draft).read();
  return resolve(draft, scanner);
}

class DtsReader {
  constructor(private readonly scanner: Scanner, private readonly draft: Draft) {}

  read(): void {
    const { scanner } = this;
    scanner.expect('/dts-v1/', 'at the beginning of dts source');
    scanner.expect(';', 'after /dts-v1/');
    while (scanner.take('/dts-v1/')) scanner.expect(';', 'after /dts-v1/');
    this.refuse('/plugin/', 'overlays are not modelled; apply the overlay with fdtoverlay first');
    while (this.reservation());
    let roots = 0;
    while (scanner.peek() !== '') if (this.topLevel()) roots++;
    if (roots === 0) throw scanner.error('EINVAL', 'the source has no root node; begin one with / { … };');
  }

  private refuse(word: string, cure: string): void {
    this.scanner.skip();
    const { at } = this.scanner;
    if (this.scanner.take(word)) throw this.scanner.error('EOPNOTSUPP', `${word}: ${cure}`, at);
  }

  private reservation(): boolean {
    const { scanner } = this;
    while (scanner.label() !== undefined);
    if (!scanner.take('/memreserve/')) return false;
    const numbers = [0, 0].map(() => {
      const value = readOperand(scanner);
      if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw scanner.error('ERANGE', 'numbers from 2^53 on are not modelled; use a smaller one');
      return Number(value);
    });
    scanner.expect(';', 'after /memreserve/ address size');
    this.draft.reservations.push({ address: numbers[0]!, size: numbers[1]! });
    return true;
  }

  /** One `/ { … };`, `&label { … };` or `/delete-node/ &label;`. Returns true for a root. */
  private topLevel(): boolean {
    const { scanner } = this;
    this.refuseWords();
    const labels = this.labels();
    if (scanner.take('/delete-node/')) {
      this.deleteReferred();
      return false;
    }
    const at = scanner.at;
    if (scanner.take('&')) {
      const node = this.labelled(this.referred(), labels, at);
      this.body(node, node.depth);
      return false;
    }
    if (!scanner.take('/')) throw scanner.error('EINVAL', `expected / { … }; or &label { … };, found ${scanner.found}`);
    this.body(this.labelled(this.draft.root, labels, at), 1);
    return true;
  }

  private refuseWords(): void {
    this.refuse('/include/', 'files are not read here; paste the file, or run dtc first');
    this.refuse('/omit-if-no-ref/', 'not modelled; leave it out, the node then stays');
    this.refuse('/memreserve/', 'reserved memory stands before the first node; move it up');
    this.refuse('/plugin/', 'overlays are not modelled; apply the overlay with fdtoverlay first');
  }

  private labels(): string[] {
    const labels: string[] = [];
    for (let label = this.scanner.label(); label !== undefined; label = this.scanner.label()) labels.push(label);
    return labels;
  }

  private labelled(node: DraftNode, labels: readonly string[], at: number): DraftNode {
    for (const label of labels) {
      if (!this.draft.label(label, node)) throw this.scanner.error('EEXIST', `label ${label} stands at ${this.draft.find(label)!.path} already; choose another`, at);
    }
    return node;
  }

  /** The node named by the reference behind `&`, which must exist by now. */
  private referred(): DraftNode {
    const at = this.scanner.at;
    const target = this.scanner.reference();
    const node = this.draft.find(target);
    if (node === undefined) throw this.scanner.error('ENOENT', `&${target} names no node so far; define it before it is overridden`, at);
    return node;
  }

  private deleteReferred(): void {
    const { scanner } = this;
    scanner.expect('&', 'after /delete-node/ outside of a node');
    const at = scanner.at;
    const node = this.referred();
    if (node.parent === null) throw scanner.error('EINVAL', 'the root node cannot be deleted', at);
    node.parent.deleteChild(node.name);
    scanner.expect(';', 'after /delete-node/ &label');
  }

  /** `{ … };` of `node`, which is on level `depth`. */
  private body(node: DraftNode, depth: number): void {
    const { scanner } = this;
    if (depth > DEFAULT_LIMITS.maxDepth) throw scanner.error('EINVAL', `more than ${DEFAULT_LIMITS.maxDepth} levels of nodes`);
    scanner.expect('{', `at the beginning of ${node.name || 'the root node'}`);
    // Names of this pair of braces alone: a later pair may name them again, and overrides.
    const properties = new Set<string>();
    const children = new Set<string>();
    while (!scanner.take('}')) {
      if (scanner.peek() === '') throw scanner.error('EINVAL', `node ${node.path} has no end; close it with };`);
      this.statement(node, depth, properties, children);
    }
    scanner.expect(';', `after the closing brace of ${node.path}`);
  }

  private statement(node: DraftNode, depth: number, properties: Set<string>, children: Set<string>): void {
    const { scanner } = this;
    this.refuseWords();
    if (this.deletion(node, properties, children)) return;
    const labels = this.labels();
    scanner.skip();
    const at = scanner.at;
    const name = scanner.name();
    if (name === '') throw scanner.error('EINVAL', `expected a property or a node in ${node.path}, found ${scanner.found}`);
    if (scanner.peek() === '{') {
      if (children.size === children.add(name).size) throw scanner.error('EEXIST', `node ${name} stands in ${node.path} twice; rename one, or override it by its label`, at);
      this.body(this.labelled(node.childNamed(name), labels, at), depth + 1);
      return;
    }
    if (children.size > 0) throw scanner.error('EINVAL', `property ${name} follows a node; write the properties of ${node.path} first`, at);
    if (properties.size === properties.add(name).size) throw scanner.error('EEXIST', `property ${name} stands in ${node.path} twice; remove one`, at);
    if (scanner.take('=')) {
      node.properties.set(name, { at, pieces: readValue(scanner) });
    } else {
      scanner.expect(';', `after property ${name} (a value begins with "=", a node with "{")`);
      node.properties.set(name, { at, pieces: [] });
    }
  }

  /** As in dtc, deleting what is not there is no error. */
  private deletion(node: DraftNode, properties: Set<string>, children: Set<string>): boolean {
    const { scanner } = this;
    const what = scanner.take('/delete-property/') ? 'property' : scanner.take('/delete-node/') ? 'node' : undefined;
    if (what === undefined) return false;
    const name = scanner.name();
    if (name === '') throw scanner.error('EINVAL', `expected the name of a ${what} after /delete-${what}/, found ${scanner.found}`);
    scanner.expect(';', `after /delete-${what}/ ${name}`);
    if (what === 'property') {
      node.properties.delete(name);
      properties.delete(name);
    } else {
      node.deleteChild(name);
      children.delete(name);
    }
    return true;
  }
}
