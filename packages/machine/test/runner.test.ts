import { Genirq } from '@irqchip/genirq-core';
import { AscendingSchedule } from '@irqchip/board';
import { Hart } from '@irqchip/board/internals';
import { Smp } from '@irqchip/smp';
import { Runner } from '../src/schedule/runner.ts';

const CSRS = { ie: 0x104, ip: 0x144, topi: 0xdb0 };
const SSIP = 1;

test('a hart that stops with an interrupt pending is not waited for', () => {
  const smp = new Smp({ nrCpus: 2 });
  const genirq = new Genirq(smp);
  const late: { runner?: Runner } = {};
  const harts = [0, 1].map((cpu) => new Hart(cpu, CSRS, 0x2222, 1 << SSIP, (hart) => late.runner?.changed(cpu, hart)));
  const runner = late.runner = new Runner(smp.cpus, genirq, harts, new AscendingSchedule());
  let taken = 0;
  genirq.setHandleIrq(() => {
    taken++;
    harts[1]!.halted = true;
  });
  for (const hart of harts) hart.halted = false;
  harts[1]!.write(CSRS.ie, 1 << SSIP, 0);
  harts[1]!.pend(SSIP);
  runner.settle();
  expect([taken, runner.relax()]).toEqual([1, false]);
});
