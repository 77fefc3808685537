import { givenNode, noRoomBeside } from './given-board.ts';
import type { ConformanceOptions } from './options.ts';

type Need = (options: ConformanceOptions) => string | null;

const CPUS = 3;

/** More than one CPU. */
export const severalCpus: Need = ({ cpus = CPUS, tree }) => (cpus > 1 || tree !== undefined ? null : 'its machines have one CPU');

/** Lines that can be sent to a CPU. */
export const movable: Need = (options) => severalCpus(options) ?? (options.affinity ?? options.kind === 'msi' ? null : 'its lines go to one CPU');

/** CPUs that can be taken away. */
export const pluggable: Need = (options) => severalCpus(options) ?? ((options.hotplug ?? true) ? null : 'its CPUs stay');

/** A model that the bench sees into. */
export const ownHardware: Need = ({ hardware }) => (hardware ? null : 'its hardware is not looked into');

/** A board whose controller's node may be changed. */
export const ownNode: Need = (options) => ownHardware(options) ?? (options.tree !== undefined && givenNode(options) === null ? 'its node is not said' : null);

/** A board that has room for a second controller. */
export const room: Need = (options) => {
  const node = givenNode(options);
  return ownNode(options) ?? (node && noRoomBeside(node));
};

/** At least so many lines. */
export function linesAtLeast(count: number): Need {
  return ({ lines = 0 }) => (lines >= count ? null : `it has fewer than ${count} lines`);
}

/** All of them; the first that is missing is the reason. */
export function all(...needs: readonly Need[]): Need {
  return (options) => needs.reduce<string | null>((reason, need) => reason ?? need(options), null);
}
