import { EventEmitter } from 'eventemitter3';
import { FLOWS, flowSubject, hierarchySubject } from './delivery.ts';
import { litmusRate } from './litmus.ts';
import { machineSubject } from './machines.ts';
import { measure, type Figure } from './measure.ts';
import { muxSubject, type Subject } from './rig.ts';

function emitSubject(): Subject {
  const emitter = new EventEmitter<{ tick: (cpu: number) => void }>();
  let heard = 0;
  emitter.on('tick', (cpu) => { heard += cpu; });
  return {
    name: 'eventemitter3 emit, one listener',
    run(n) {
      const before = heard;
      for (let i = 0; i < n; i++) emitter.emit('tick', 1);
      if (heard - before !== n) throw new Error('the listener was not called');
    },
  };
}

/** Rows with a name, and what their ratio is to. */
function table(unit: string, figures: readonly Figure[]): string {
  const rows = figures.map(({ name, ns, ratio, bytes }) => `${name.padEnd(40)} ${ns.toFixed(1).padStart(8)} ${ratio.toFixed(2).padStart(8)} ${String(bytes).padStart(8)}`);
  return [`${''.padEnd(40)} ${'ns'.padStart(8)} ${unit.padStart(8)} ${'bytes'.padStart(8)}`, ...rows, ''].join('\n');
}

const emit = emitSubject();
const figures = [
  emitSubject,
  ...Object.keys(FLOWS).map((flow) => () => flowSubject(flow)),
  hierarchySubject,
  muxSubject,
  () => machineSubject('SBI', 'linux-6.12-debugfs/plic-smp4/linux-sees.dtb', 'S', 0),
  () => machineSubject('IMSIC', 'linux-6.12-debugfs/imsic-smp4/linux-sees.dtb', 'S', 0),
  () => machineSubject('CLINT', 'linux-7.2-mmode/mmode-smp4/qemu.dtb', 'M', 2),
].map((make) => measure(emit, make));

// What a line costs when there are very many others, or very many CPUs: to the same on a small machine.
const growth = Object.keys(FLOWS).flatMap((flow) => [
  measure(flowSubject(flow), () => flowSubject(flow, 1_000_000)),
  measure(flowSubject(flow), () => flowSubject(flow, 64, 4096)),
]);
const litmus = litmusRate();
process.stdout.write(process.argv.includes('--json')
  ? `${JSON.stringify({ figures, growth, litmus }, null, 2)}\n`
  : `${table('emits', figures)}\n${table('small', growth)}\nlitmus tests under LKMM: ${litmus.perSecond} consistent executions a second (${litmus.executions} a pass)\n`);
