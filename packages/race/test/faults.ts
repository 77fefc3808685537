import type { Fault } from '@irqchip/test-support';
import type { ProviderName } from '../src/index.ts';

/** A change of the code, and the models under which it loses an IPI or its payload. */
export interface PlantedFault extends Fault {
  readonly what: string;
  readonly package: string;
  readonly provider: ProviderName;
  readonly caught: readonly string[];
  readonly says?: RegExp;
  readonly relaxedDoorbell?: boolean;
}

const mux = (what: string, find: string, replace: string, caught: readonly string[], more: Partial<PlantedFault> = {}): PlantedFault =>
  ({ what, package: 'ipi-mux', provider: 'merged', file: 'src/mux.ts', find, replace, caught, ...more });
const v5 = (what: string, find: string, replace: string, caught: readonly string[], more: Partial<PlantedFault> = {}): PlantedFault =>
  ({ what, package: 'ipi-mux', provider: 'v5', file: 'src/v5.ts', find, replace, caught, ...more });

const ALL = ['sc', 'tso', 'lkmm', 'rvio'];
const SEND_BARRIER = `this.memory.smpMbAfterAtomic();
    // The doorbell is`;
const UNMASK_BARRIER = `this.memory.smpMbAfterAtomic();
    if (this.bits`;
const OR = 'this.bits.fetchOrRelease(word, bit)';
const TAKE = 'this.bits.fetchAndNot(word, enabled)';
const V5_TAKE = 'this.bits.xchg(base + word, 0)';
const V5_RING = 'this.ops!.send(this.parentVirq, mask);';
const V5_SEND = `memory.smpMbBeforeAtomic();
    for (let cpu = mask.first(); cpu < mask.size; cpu = mask.next(cpu)) {
      this.bits.or(cpu * WORDS + (hwirq >>> 5), 1 << (hwirq & 31));
    }
    memory.smpMbAfterAtomic();
    ${V5_RING}`;
const V5_TURN = `this.ops!.clear(this.parentVirq);
      // Pairs with both barriers around the setting of the bit in send().
      memory.mb();
      let found = 0;
      for (let word = 0; word < WORDS; word++) {
        const taken = ${V5_TAKE};
        found |= taken;
        this.dispatch(word << 5, taken);
      }`;
const V5_LATE = `let found = 0;
      for (let word = 0; word < WORDS; word++) {
        const taken = ${V5_TAKE};
        found |= taken;
        this.dispatch(word << 5, taken);
      }
      memory.mb();
      this.ops!.clear(this.parentVirq);`;

/** Rows of the tables of mutations, on the real source. */
export const FAULTS: readonly PlantedFault[] = [
  mux('send: smp_mb__after_atomic dropped', SEND_BARRIER, '// The doorbell is', ['lkmm', 'rvio']),
  mux('unmask: smp_mb__after_atomic dropped', UNMASK_BARRIER, 'if (this.bits', ['lkmm', 'rvio']),
  mux('send: smp_rmb for smp_mb__after_atomic', SEND_BARRIER, SEND_BARRIER.replace('smpMbAfterAtomic', 'smpRmb'), ['lkmm']),
  mux('unmask: smp_rmb for smp_mb__after_atomic', UNMASK_BARRIER, UNMASK_BARRIER.replace('smpMbAfterAtomic', 'smpRmb'), ['lkmm']),
  mux('unmask: a plain store for the atomic', 'this.enable.or(word, bit)', 'this.enable.writeOnce(word, this.enable.readOnce(word) | bit)', ['tso', 'lkmm']),
  mux('unmask does not ring', 'if (this.bits.readOnce(word) & bit) this.doorbell.ring(cpu);', '', ALL),
  mux('unmask looks before it enables', 'this.enable.or(word, bit);', 'const early = this.bits.readOnce(word); this.enable.or(word, bit); this.memory.smpMb(); if (early & bit) this.doorbell.ring(cpu); return;', ALL),
  mux('send reads enable before it sets the bit', `const old = ${OR};`, `const early = this.enable.readOnce(word); const old = ${OR}; if (old !== old || (early & bit) === 0) return false;`, ALL),
  mux('send: the atomic relaxed', OR, OR.replace('Release', 'Relaxed'), ['lkmm', 'rvio'], { says: /does not see/ }),
  mux('send: the atomic an acquire', OR, OR.replace('Release', 'Acquire'), ['lkmm', 'rvio'], { says: /does not see/ }),
  mux('send: the atomic fully ordered', OR, OR.replace('Release', ''), []),
  mux('send: the atomic fully ordered, and no barrier after it', `${OR};
    // Pairs with the barrier in unmask().
    this.memory.smpMbAfterAtomic();`, `${OR.replace('Release', '')};`, []),
  mux('process: the atomic relaxed', TAKE, TAKE.replace('AndNot', 'AndNotRelaxed'), ['lkmm', 'rvio'], { says: /does not see/ }),
  mux('process: the atomic a release', TAKE, TAKE.replace('AndNot', 'AndNotRelease'), ['lkmm', 'rvio'], { says: /does not see/ }),
  mux('process: the atomic an acquire', TAKE, TAKE.replace('AndNot', 'AndNotAcquire'), []),
  mux('process takes masked bits too', TAKE, TAKE.replace('enabled', '-1'), ALL, { says: /no handler ran/ }),
  mux('send always rings', '(old & bit) === 0 && (this.enable.readOnce(word) & bit) !== 0', 'old === old', []),
  mux('send rings though its bit was set', '(old & bit) === 0 && (this.enable', '(this.enable', []),
  { what: 'send rings before it sets the bit', package: 'ipi-mux', provider: 'merged', file: 'src/doorbell.ts', find: 'if (mux.mark(cpu, hwirq)) send(cpu);', replace: 'send(cpu); mux.mark(cpu, hwirq);', caught: ALL },
  { what: 'writel_relaxed, saved by the test of enable', package: 'ipi-mux', provider: 'merged', file: 'src/mux.ts', find: 'this.firstVirq = virq;', replace: 'this.firstVirq = virq + 0;', caught: [], relaxedDoorbell: true },
  mux('writel_relaxed and no test of enable', '(old & bit) === 0 && (this.enable.readOnce(word) & bit) !== 0', '(old & bit) === 0', [], { relaxedDoorbell: true }),
  mux('writel_relaxed and an unconditional doorbell', '(old & bit) === 0 && (this.enable.readOnce(word) & bit) !== 0', 'true', ['rvio'], { relaxedDoorbell: true }),
  { what: 'posted contract: mb() after the clear dropped', package: 'ipi-mux', provider: 'patch', file: 'src/doorbell.ts', find: 'memory.mb();', replace: '', caught: ['rvio'] },
  { what: 'posted contract: smp_mb() for mb() after the clear', package: 'ipi-mux', provider: 'patch', file: 'src/doorbell.ts', find: 'memory.mb();', replace: 'memory.smpMb();', caught: ['rvio'] },
  mux('posted contract: cleared after the bits are taken', `this.doorbell.acknowledge();
    const cpu = cpus.current;
    const first = this.take(cpu * this.wordsPerCpu);`, `const cpu = cpus.current;
    const first = this.take(cpu * this.wordsPerCpu);
    this.doorbell.acknowledge();`, ALL, { provider: 'patch' }),
  v5('v5: mb() dropped', 'memory.mb();', '', ['rvio']),
  v5('v5: smp_mb() for mb()', 'memory.mb();', 'memory.smpMb();', ['rvio']),
  v5('v5: xchg relaxed', V5_TAKE, V5_TAKE.replace('xchg', 'xchgRelaxed'), ['lkmm', 'rvio'], { says: /does not see/ }),
  v5('v5: xchg an acquire', V5_TAKE, V5_TAKE.replace('xchg', 'xchgAcquire'), []),
  v5('v5: xchg relaxed and no mb()', `memory.mb();
      let found = 0;
      for (let word = 0; word < WORDS; word++) {
        const taken = ${V5_TAKE};`, `let found = 0;
      for (let word = 0; word < WORDS; word++) {
        const taken = ${V5_TAKE.replace('xchg', 'xchgRelaxed')};`, ['lkmm', 'rvio']),
  v5('v5: cleared after the exchange, loop and all', V5_TURN, V5_LATE, ALL),
  v5('v5: no loop', 'if (found === 0) return;', 'return;', []),
  v5('v5: smp_mb__before_atomic dropped', 'memory.smpMbBeforeAtomic();', '', ['lkmm', 'rvio'], { says: /does not see/ }),
  v5('v5: smp_wmb for smp_mb__before_atomic', 'memory.smpMbBeforeAtomic();', 'memory.smpWmb();', []),
  v5('v5: smp_rmb for smp_mb__before_atomic', 'memory.smpMbBeforeAtomic();', 'memory.smpRmb();', ['lkmm', 'rvio'], { says: /does not see/ }),
  v5('v5: smp_mb__after_atomic dropped', 'memory.smpMbAfterAtomic();', '', []),
  v5('v5: smp_wmb for smp_mb__after_atomic', 'memory.smpMbAfterAtomic();', 'memory.smpWmb();', []),
  v5('v5: writel_relaxed, the barrier kept', 'this.parentVirq = 0;\n  }\n\n  /** Hard irq', 'this.parentVirq = 0;\n  }\n\n  /** Hard  irq', ['rvio'], { relaxedDoorbell: true }),
  v5('v5: rings before the bit is set', V5_SEND, `${V5_RING}\n    ${V5_SEND.replace(V5_RING, '')}`, ALL),
  v5('v5: rings before the bit is set, and after', V5_SEND, `${V5_RING}\n    ${V5_SEND}`, []),
  { what: 'SBI: SSIP never cleared', package: 'drivers-sbi', provider: 'sbi', file: 'src/sbi-ipi.ts', find: 'csr.clear(ip, ssip);', replace: '', caught: ALL, says: /more often than it is raised/ },
  { what: 'SBI: cleared and processed until nothing is found', package: 'drivers-sbi', provider: 'sbi', file: 'src/sbi-ipi.ts', find: 'mux.process();', replace: 'mux.process();\n    csr.clear(ip, ssip);\n    mux.process();', caught: [] },
  { what: 'IMSIC: the doorbell relaxed, saved by the test of enable', package: 'drivers-aia', provider: 'imsic', file: 'src/imsic/pages.ts', find: 'this.region.writel(this.offset', replace: 'this.region.writelRelaxed(this.offset', caught: [] },
  { what: 'SBI: SSIP cleared after process()', package: 'drivers-sbi', provider: 'sbi', file: 'src/sbi-ipi.ts', find: `csr.clear(ip, ssip);
    mux.process();`, replace: 'mux.process();\n    csr.clear(ip, ssip);', caught: ALL },
  { what: 'SSWI: SSIP cleared after process()', package: 'drivers-clint', provider: 'sswi', file: 'src/sswi/driver.ts', find: `csr.clear(ip, ssip);
    sswi.clear();
    mux.process();`, replace: 'mux.process();\n    csr.clear(ip, ssip);\n    sswi.clear();', caught: ALL },
  { what: 'CLINT: MSIP cleared after process()', package: 'drivers-clint', provider: 'clint', file: 'src/clint.ts', find: `clear();
    mux.process();`, replace: 'mux.process();\n    clear();', caught: ALL },
  { what: 'IMSIC: the identity claimed again after process()', package: 'drivers-aia', provider: 'imsic', file: 'src/imsic/early.ts', find: 'mux.process();', replace: '{ mux.process(); csrs.claim(); }', caught: ALL },
];
