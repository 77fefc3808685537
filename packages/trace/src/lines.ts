/** Interrupt lines by name, with their numbers: bits of `mip`. */
const LINES: Readonly<Record<string, number>> = { SSI: 1, MSI: 3, STI: 5, MTI: 7, SEI: 9, VSEI: 10, MEI: 11, SGEI: 12 };

const FIRST_GUEST = 64;
const MAX_GUEST = 63;

/** One more than the largest line number. */
export const NR_LINES = 127;

/** Number of a line: its bit in `mip`, or 63 + k for `GEIk`, the line of guest file k. -1: there is no such line. */
export function lineNumber(name: string): number {
  const number = Object.hasOwn(LINES, name) ? LINES[name]! : -1;
  if (number >= 0) return number;
  const guest = /^GEI([1-9]\d?)$/.exec(name);
  return guest !== null && Number(guest[1]) <= MAX_GUEST ? FIRST_GUEST + Number(guest[1]) - 1 : -1;
}

/** Number of the guest file whose line this is; 0 for lines that belong to the hart itself. */
export function guestOf(line: number): number {
  return line >= FIRST_GUEST ? line - FIRST_GUEST + 1 : 0;
}
