/** Where the sections of a release begin and end, as its recorded state list has them. */
export interface Layout {
  readonly bringup: number;
  readonly idleDead: number;
  readonly apOffline: number;
  readonly apOnline: number;
  readonly teardown: number;
  readonly onlineIdle: number;
  readonly prepareDyn: readonly [number, number];
  readonly onlineDyn: readonly [number, number];
  /** Core states in which no CPU can rest. */
  readonly cantStop: readonly number[];
  /** Core states with something to call, by the ways in which they have it. */
  readonly core: ReadonlyMap<number, readonly [name: string, startup: boolean, teardown: boolean]>;
}

export const ONLINE = 236;

export const LAYOUTS: { readonly '6.12': Layout; readonly '7.2': Layout } = {
  '6.12': {
    bringup: 86, idleDead: 87, apOffline: 88, apOnline: 144, teardown: 145, onlineIdle: 146, prepareDyn: [64, 84], onlineDyn: [192, 232],
    cantStop: [1, 86, 88, 145],
    core: new Map([
      [0, ['offline', false, false]], [1, ['threads:prepare', true, false]], [86, ['cpu:bringup', true, true]], [87, ['idle:dead', false, false]],
      [88, ['ap:offline', false, false]], [90, ['sched:starting', false, false]], [144, ['ap:online', false, false]], [145, ['cpu:teardown', false, true]],
      [149, ['sched:waitempty', false, true]], [150, ['smpboot/threads:online', true, true]], [151, ['irq/affinity:online', true, false]],
      [235, ['sched:active', true, true]], [236, ['online', false, false]],
    ]),
  },
  '7.2': {
    bringup: 83, idleDead: 84, apOffline: 85, apOnline: 142, teardown: 143, onlineIdle: 144, prepareDyn: [61, 81], onlineDyn: [192, 232],
    cantStop: [1, 83, 85, 143],
    core: new Map([
      [0, ['offline', false, false]], [1, ['threads:prepare', true, false]], [82, ['cpu:kick_ap', true, false]], [83, ['cpu:bringup', true, true]],
      [84, ['idle:dead', false, false]], [85, ['ap:offline', false, false]], [87, ['sched:starting', false, false]], [142, ['ap:online', false, false]],
      [143, ['cpu:teardown', false, true]], [147, ['sched:waitempty', false, true]], [148, ['smpboot/threads:online', true, true]],
      [149, ['irq/affinity:online', true, false]], [235, ['sched:active', true, true]], [236, ['online', false, false]],
    ]),
  },
};
