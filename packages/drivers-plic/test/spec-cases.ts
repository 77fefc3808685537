import type { Plic, PlicOptions } from '@irqchip/drivers-plic/hardware';
import { Board, CLAIM, ENABLE, MEI, PENDING, PRIORITY, SEI, THRESHOLD } from './wires.ts';

type Model = typeof Plic;
type More = Omit<NonNullable<ConstructorParameters<typeof Board>[1]>, 'Model'>;

/** A rule of riscv-plic-spec, put to a model that is given: the good one, or a damaged copy. */
export interface SpecCase { readonly name: string; readonly run: (make: (options?: PlicOptions, more?: More) => Board) => void }

export function runCase({ run }: SpecCase, model: Model): void {
  run((options, more) => new Board(options, { ...more, Model: model }));
}

/** A fixed sequence that looks random. */
export function lcg(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const gateways: SpecCase[] = [
  {
    name: 'riscv-isa-sim 1456: a request is latched, so a wire that falls before the claim takes nothing back',
    run: (make) => {
      const b = make();
      b.open(0, { 3: 1 });
      b.pulse(3);
      expect([b.line(0), b.isPending(3), b.claim(0), b.line(0), b.isPending(3)]).toEqual([true, true, 3, false, false]);
    },
  },
  {
    name: 'hvisor 129: of two sources claimed back to back, completing one leaves the other as it was',
    run: (make) => {
      const b = make();
      b.open(0, { 3: 1, 4: 1 });
      b.raise(3);
      b.raise(4);
      expect([b.claim(0), b.claim(0)]).toEqual([3, 4]);
      b.complete(0, 4);
      expect([b.isPending(3), b.isPending(4)]).toEqual([false, true]);
      b.complete(0, 3);
      expect([b.isPending(3), b.isPending(4)]).toEqual([true, true]);
    },
  },
  {
    name: 'rv_plic 2: sources that rise together are all delivered, and the notification lasts until the last is claimed',
    run: (make) => {
      const b = make();
      const sources = [1, 31, 32, 64, 95];
      b.open(0, Object.fromEntries(sources.map((source) => [source, 1])));
      sources.forEach((source) => b.pulse(source));
      const seen = sources.map(() => [b.line(0), b.claim(0)]);
      expect(seen).toEqual(sources.map((source) => [true, source]));
      expect([b.line(0), b.claim(0)]).toEqual([false, 0]);
    },
  },
  {
    name: 'renode 403: a completed interrupt does not come again once its wire is low',
    run: (make) => {
      const b = make();
      b.open(0, { 3: 1 });
      b.raise(3);
      b.claim(0);
      b.lower(3);
      b.complete(0, 3);
      expect([b.line(0), b.isPending(3), b.claim(0)]).toEqual([false, false, 0]);
    },
  },
  {
    name: 'cvw 1762: after long random traffic every source still comes through',
    run: (make) => {
      const b = make();
      const random = lcg(1762);
      const sources = [1, 2, 31, 32, 33, 63, 64, 95];
      for (const context of [0, 1, 3]) b.open(context, Object.fromEntries(sources.map((source, i) => [source, 1 + (i % 7)])));
      const held: [number, number][] = [];
      for (let step = 0; step < 20_000; step++) {
        const context = [0, 1, 3][random(3)]!;
        const what = random(4);
        if (what === 0) b.raise(sources[random(sources.length)]!);
        else if (what === 1) b.lower(sources[random(sources.length)]!);
        else if (what === 2) {
          const source = b.claim(context);
          if (source !== 0) held.push([context, source]);
        } else if (held.length > 0) b.complete(...held.splice(random(held.length), 1)[0]!);
      }
      sources.forEach((source) => b.lower(source));
      held.forEach(([context, source]) => b.complete(context, source));
      for (let source = b.claim(0); source !== 0; source = b.claim(0)) b.complete(0, source);
      for (const source of sources) {
        b.pulse(source);
        expect([b.line(0), b.claim(0)]).toEqual([true, source]);
        b.complete(0, source);
      }
    },
  },
  {
    name: 'a level that is still high at its completion pends again, and not before',
    run: (make) => {
      const b = make();
      b.open(0, { 3: 1 });
      b.raise(3);
      b.claim(0);
      expect([b.isPending(3), b.line(0)]).toEqual([false, false]);
      b.complete(0, 3);
      expect([b.isPending(3), b.line(0)]).toEqual([true, true]);
    },
  },
  {
    name: 'a level that falls and rises while it is claimed waits for the completion',
    run: (make) => {
      const b = make();
      b.open(0, { 3: 1 });
      b.raise(3);
      b.claim(0);
      b.lower(3);
      b.raise(3);
      expect([b.isPending(3), b.claim(0)]).toEqual([false, 0]);
      b.complete(0, 3);
      expect(b.claim(0)).toBe(3);
    },
  },
  {
    name: 'an edge gateway that drops delivers one interrupt for all edges up to the completion',
    run: (make) => {
      const b = make({ edgeSources: [3] });
      b.open(0, { 3: 1 });
      for (let edge = 0; edge < 3; edge++) b.pulse(3);
      expect(b.claim(0)).toBe(3);
      b.raise(3);
      b.complete(0, 3);
      expect([b.isPending(3), b.claim(0)]).toEqual([false, 0]);
      b.raise(3);
      expect(b.isPending(3)).toBe(false);
      b.lower(3);
      b.raise(3);
      expect(b.claim(0)).toBe(3);
    },
  },
  {
    name: 'an edge gateway that counts delivers one interrupt an edge, each after the completion before it',
    run: (make) => {
      const b = make({ edgeSources: [3], edges: 'count' });
      b.open(0, { 3: 1 });
      for (let edge = 0; edge < 2; edge++) b.pulse(3);
      const claimed = [b.claim(0)];
      b.pulse(3);
      for (let i = 0; i < 4; i++) {
        claimed.push(b.claim(0));
        b.complete(0, 3);
        claimed.push(b.claim(0));
      }
      expect(claimed).toEqual([3, 0, 3, 0, 3, 0, 0, 0, 0]);
    },
  },
  {
    name: 'a completion of a source that nobody claimed changes nothing',
    run: (make) => {
      const b = make({ edgeSources: [4], edges: 'count' });
      b.open(0, { 3: 1, 4: 1 });
      b.complete(0, 3);
      expect(b.claim(0)).toBe(0);
      b.pulse(4);
      b.pulse(4);
      b.complete(0, 4);
      const claims = [];
      for (let i = 0; i < 3; i++) {
        claims.push(b.claim(0));
        b.complete(0, 4);
      }
      expect(claims).toEqual([4, 4, 0]);
    },
  },
];

const claiming: SpecCase[] = [
  {
    name: 'of two contexts that claim one source the first gets it, and both notifications end',
    run: (make) => {
      const b = make();
      b.open(1, { 3: 1 });
      b.open(3, { 3: 1 });
      b.raise(3);
      expect([b.line(1), b.line(3)]).toEqual([true, true]);
      expect([b.claim(3), b.claim(1)]).toEqual([3, 0]);
      expect([b.line(1), b.line(3)]).toEqual([false, false]);
    },
  },
  {
    name: 'a claim ignores the threshold, which masks the notification alone',
    run: (make) => {
      const b = make();
      b.open(0, { 3: 5 });
      b.write(THRESHOLD(0), 7);
      b.raise(3);
      expect([b.line(0), b.claim(0)]).toEqual([false, 3]);
    },
  },
  {
    name: 'the threshold masks priorities up to its own',
    run: (make) => {
      const b = make();
      b.open(0, { 3: 5 });
      b.raise(3);
      const lines = [4, 5, 6, 4, 0].map((threshold) => {
        b.write(THRESHOLD(0), threshold);
        return b.line(0);
      });
      expect(lines).toEqual([true, false, false, true, true]);
    },
  },
  {
    name: 'the larger priority wins, and the lowest number among equals',
    run: (make) => {
      const b = make();
      b.open(0, { 3: 2, 4: 5, 40: 5, 5: 7, 95: 1 });
      [3, 4, 40, 5, 95].forEach((source) => b.pulse(source));
      expect(Array.from({ length: 6 }, () => b.claim(0))).toEqual([5, 4, 40, 3, 95, 0]);
    },
  },
  {
    name: 'priority 0 is never: no notification and no claim, and the request is kept',
    run: (make) => {
      const b = make();
      b.open(0, { 3: 0 });
      b.pulse(3);
      expect([b.line(0), b.claim(0), b.isPending(3)]).toEqual([false, 0, true]);
      b.write(PRIORITY(3), 1);
      expect([b.line(0), b.claim(0)]).toEqual([true, 3]);
    },
  },
  {
    name: 'seL4 1482: a completion is dropped where the source is not enabled, and the source stays silent until a good one',
    run: (make) => {
      const b = make();
      b.open(0, { 3: 1 });
      b.raise(3);
      b.claim(0);
      b.write(ENABLE(0), 0);
      b.complete(0, 3);
      b.write(ENABLE(0), 8);
      expect([b.isPending(3), b.line(0)]).toEqual([false, false]);
      b.complete(0, 3);
      expect([b.isPending(3), b.line(0)]).toEqual([true, true]);
    },
  },
  {
    name: 'a completion counts from another context if the source is enabled there, and not otherwise',
    run: (make) => {
      const b = make();
      b.open(0, { 3: 1 });
      b.raise(3);
      b.claim(0);
      b.complete(1, 3);
      expect(b.isPending(3)).toBe(false);
      b.write(ENABLE(1), 8);
      b.complete(1, 3);
      expect(b.isPending(3)).toBe(true);
    },
  },
];

const registers: SpecCase[] = [
  {
    name: 'an enable bit starts and ends the notification at once',
    run: (make) => {
      const b = make();
      b.write(PRIORITY(40), 1);
      b.pulse(40);
      const lines = [0x100, 0, 0x300].map((word) => {
        b.write(ENABLE(1, 1), word);
        return b.line(1);
      });
      expect(lines).toEqual([true, false, true]);
    },
  },
  {
    name: 'source 0 and sources past the last do not exist: no priority, no enable bit, no wire',
    run: (make) => {
      const b = make({}, { ndev: 40 });
      b.write(PRIORITY(0), 3);
      b.write(PRIORITY(41), 3);
      [0, 1, 2].forEach((word) => b.write(ENABLE(0, word), -1));
      [0, 41, 1024, -1, 2.5, Number.NaN].forEach((source) => b.raise(source));
      expect([b.read(PRIORITY(0)), b.read(PRIORITY(41))]).toEqual([0, 0]);
      expect([0, 1, 2].map((word) => b.read(ENABLE(0, word)))).toEqual([0xfffffffe, 0x1ff, 0]);
      expect([b.read(PENDING(0)), b.read(PENDING(1)), b.claim(0)]).toEqual([0, 0, 0]);
      [0, 41, 0x3ff, 0xffffffff].forEach((source) => b.complete(0, source));
    },
  },
  {
    name: 'the last of 1,023 sources works',
    run: (make) => {
      const b = make({}, { ndev: 1023 });
      b.open(0, { 1023: 1 });
      b.raise(1023);
      expect([b.read(PENDING(31)), b.line(0), b.claim(0)]).toEqual([0x80000000, true, 1023]);
    },
  },
  {
    name: 'pending bits cannot be written',
    run: (make) => {
      const b = make();
      b.pulse(3);
      b.write(PENDING(0), 0);
      b.write(PENDING(1), -1);
      expect([b.read(PENDING(0)), b.read(PENDING(1))]).toEqual([8, 0]);
    },
  },
  {
    name: 'priorities and thresholds keep the bits that exist',
    run: (make) => {
      const b = make();
      const kept = [7, 8, 0xf, 0xffffffff, 5].map((value) => {
        b.write(PRIORITY(1), value);
        b.write(THRESHOLD(2), value);
        return [b.read(PRIORITY(1)), b.read(THRESHOLD(2))];
      });
      expect(kept).toEqual([[7, 7], [0, 0], [7, 7], [7, 7], [5, 5]]);
      const wide = make({ maxPriority: 0xffffffff });
      wide.write(PRIORITY(1), 0xfffffffe);
      expect(wide.read(PRIORITY(1))).toBe(0xfffffffe);
      const odd = make({ maxPriority: 5 });
      [5, 6].forEach((value) => odd.write(PRIORITY(1), value));
      expect(odd.read(PRIORITY(1))).toBe(5);
    },
  },
  {
    name: 'there are as many contexts as entries, 15,872 at most; an entry that ends nowhere has registers and no wire',
    run: (make) => {
      const targets = Array.from({ length: 15_873 }, (_, i) => (i === 15_871 ? { hartid: 7, irq: SEI } : { hartid: i % 2 ? 7 : null, irq: 0xffffffff }));
      const b = make({}, { targets });
      for (const context of [0, 1, 15_871, 15_872]) b.open(context, { 3: 1 });
      b.raise(3);
      expect([0, 1, 15_871, 15_872].map((context) => b.read(ENABLE(context)))).toEqual([8, 8, 8, 0]);
      expect(b.wires.changes).toEqual(['7/9=1']);
      expect([b.read(CLAIM(15_872)), b.claim(1), b.wires.level(7, SEI)]).toEqual([0, 3, false]);
    },
  },
  {
    name: 'a wire may end at meip or seip, and at no other local interrupt',
    run: (make) => {
      const b = make({}, { targets: [{ hartid: 1, irq: MEI }, { hartid: 1, irq: 3 }, { hartid: 0, irq: SEI }] });
      for (const context of [0, 1, 2]) b.open(context, { 3: 1 });
      b.raise(3);
      expect(b.wires.changes).toEqual(['1/11=1', '0/9=1']);
    },
  },
  {
    name: 'only 4-byte accesses reach a register',
    run: (make) => {
      const b = make();
      b.open(0, { 3: 1 });
      b.raise(3);
      expect([1, 2, 8].map((width) => b.plic.read(CLAIM(0), width))).toEqual([0, 0, 0]);
      [1, 2, 8].forEach((width) => b.plic.write(PRIORITY(3), width, 5));
      expect([b.read(PRIORITY(3)), b.claim(0)]).toEqual([1, 3]);
    },
  },
  {
    name: 'where the end of a notification is late, the hart sees it until the next read, and a claim then finds nothing',
    run: (make) => {
      const b = make({ posted: true });
      b.open(0, { 3: 1 });
      b.raise(3);
      b.write(PRIORITY(3), 0);
      expect(b.line(0)).toBe(true);
      expect([b.claim(0), b.line(0)]).toEqual([0, false]);
      b.write(PRIORITY(3), 1);
      b.write(ENABLE(0), 0);
      expect(b.line(0)).toBe(true);
      b.plic.flush();
      expect(b.line(0)).toBe(false);
    },
  },
];

export const specCases: readonly SpecCase[] = [...gateways, ...claiming, ...registers];
