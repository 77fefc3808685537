import type { RecordingHeader } from '../format.ts';

/** Versions of QEMU whose peculiarities the models can follow. */
export const QUIRKS = ['qemu-7.2', 'qemu-10.0', 'qemu-11.1'] as const;

/** Makes models follow a version of QEMU where it departs from the specification. */
export type Quirks = (typeof QUIRKS)[number];

/** The quirks of the version that was recorded; undefined when none are known of it. */
export function quirksOf({ qemu }: RecordingHeader): Quirks | undefined {
  return QUIRKS.find((quirks) => qemu.startsWith(`${quirks.slice('qemu-'.length)}.`));
}
