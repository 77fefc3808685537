import { IrqError } from '@irqchip/smp';

/** What a reader accepts; real trees stay far below. */
export interface Limits {
  /** Levels of nodes, the root being the first. */
  readonly maxDepth: number;
  /** Characters in the name of a node or a property. */
  readonly maxNameLength: number;
}

export const DEFAULT_LIMITS: Limits = { maxDepth: 64, maxNameLength: 255 };

/** True for the characters that a name may have: ASCII from `!` to `~`. */
export function isNameCode(code: number): boolean {
  return code > 0x20 && code < 0x7f;
}

/** The same without `/`, which parts the names of a path. */
export function isNodeNameCode(code: number): boolean {
  return code !== 0x2f && isNameCode(code);
}

/**
 * Checks the name of a node (`kind` 'node', no `/` in it) or of a property.
 * @throws EILSEQ for anything that is not printable ASCII, EINVAL for an empty name.
 */
export function checkName(kind: 'node' | 'property', name: string, where: string): void {
  if (name === '') throw new IrqError('EINVAL', `${where}: a ${kind} without a name; only the root node has none`);
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (kind === 'property' ? isNameCode(code) : isNodeNameCode(code)) continue;
    throw new IrqError('EILSEQ', `${where}: character ${code} in the name of a ${kind}; names are printable ASCII${kind === 'node' ? ' without "/"' : ''}`);
  }
}

/** The first name that occurs twice, if any. Few names are compared in place, many through a set. */
export function findDuplicate(count: number, nameOf: (index: number) => string): string | undefined {
  if (count > 8) {
    const seen = new Set<string>();
    for (let i = 0; i < count; i++) if (seen.size === seen.add(nameOf(i)).size) return nameOf(i);
    return undefined;
  }
  for (let i = 1; i < count; i++) {
    for (let j = 0; j < i; j++) if (nameOf(i) === nameOf(j)) return nameOf(i);
  }
  return undefined;
}
