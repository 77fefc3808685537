import { CpuHotplug } from '@irqchip/cpuhp';
import { disablePercpuIrq, enablePercpuIrq, Genirq, IRQ_HANDLED, IRQ_TYPE, irqToDesc, rawIpiSendSingle, requestPercpuIrq } from '@irqchip/genirq-core';
import { IpiMuxes } from '@irqchip/ipi-mux';
import { IrqDomains } from '@irqchip/irqdomain';
import { PerCpu, Smp } from '@irqchip/smp';
import { IpiLedger } from '../src/index.ts';

const smp = new Smp({ nrCpus: 2 });
const genirq = new Genirq(smp);
/** CPUs whose doorbell rings in vain. */
const deaf = new Set<number>();
const level = [false, false];
const mux = new IpiMuxes(new IrqDomains(genirq), new CpuHotplug(smp)).create({ nrIpi: 8, send: (cpu) => { level[cpu] = !deaf.has(cpu); } });
for (let i = 0; i < 8; i++) requestPercpuIrq(genirq, mux.virq + i, () => IRQ_HANDLED, 'test', new PerCpu(() => 0));

const enable = (cpu: number, i: number): void => smp.cpus.runOn(cpu, () => enablePercpuIrq(genirq, mux.virq + i, IRQ_TYPE.NONE));
const disable = (cpu: number, i: number): void => smp.cpus.runOn(cpu, () => disablePercpuIrq(genirq, mux.virq + i));
const send = (cpu: number, i: number): void => void rawIpiSendSingle(irqToDesc(genirq, mux.virq + i)!, cpu);

function inHardirq(cpu: number, fn: () => void): void {
  smp.cpus.runOn(cpu, () => {
    smp.cpus.localIrqDisable();
    smp.cpus.irqEnter();
    fn();
    smp.cpus.irqExit();
    smp.cpus.localIrqEnable();
  });
}

function settle(): void {
  for (const cpu of [0, 1]) {
    if (!level[cpu]) continue;
    level[cpu] = false;
    inHardirq(cpu, () => mux.process());
  }
}

let ledger: IpiLedger;

beforeEach(() => {
  deaf.clear();
  for (const cpu of [0, 1]) for (let i = 0; i < 8; i++) enable(cpu, i);
  settle();
});
afterEach(() => ledger.close());

test('handled, merged and held add up to sent', () => {
  ledger = new IpiLedger(genirq, mux);
  disable(1, 3);
  for (const [cpu, i] of [[0, 1], [0, 1], [1, 2], [1, 3], [1, 3]] as const) send(cpu, i);
  settle();
  expect(ledger.totals()).toEqual({ sent: 5, handled: 2, merged: 2, held: 1, lost: 0, spurious: 0 });
  enable(1, 3);
  settle();
  expect(ledger.totals()).toEqual({ sent: 5, handled: 3, merged: 2, held: 0, lost: 0, spurious: 0 });
});

test('a doorbell that nobody hears is a lost IPI', () => {
  ledger = new IpiLedger(genirq, mux);
  deaf.add(1);
  send(1, 2);
  settle();
  expect(ledger.totals()).toMatchObject({ sent: 1, handled: 0, lost: 1, spurious: 0 });
  level[1] = true;
});

test('a run without a send is spurious, and does not make up for one that was lost elsewhere', () => {
  ledger = new IpiLedger(genirq, mux);
  deaf.add(1);
  send(1, 2);
  inHardirq(0, () => irqToDesc(genirq, mux.virq + 2)!.handleIrq(irqToDesc(genirq, mux.virq + 2)!));
  settle();
  expect(ledger.totals()).toEqual({ sent: 1, handled: 1, merged: 0, held: 0, lost: 1, spurious: 1 });
  level[1] = true;
});

test('what was pending before the account began is not part of it', () => {
  disable(0, 5);
  disable(0, 6);
  send(0, 5);
  send(0, 6);
  ledger = new IpiLedger(genirq, mux);
  expect(ledger.totals()).toEqual({ sent: 0, handled: 0, merged: 0, held: 0, lost: 0, spurious: 0 });
  send(0, 5);
  enable(0, 5);
  settle();
  expect(ledger.totals()).toEqual({ sent: 1, handled: 0, merged: 1, held: 0, lost: 0, spurious: 0 });
  send(0, 5);
  settle();
  expect(ledger.totals()).toEqual({ sent: 2, handled: 1, merged: 1, held: 0, lost: 0, spurious: 0 });
});

test('who listened before still hears everything, also after the account is closed', () => {
  const heard: string[] = [];
  const first = { raise: (cpu: number, hwirq: number) => { heard.push(`raise ${hwirq}@${cpu}`); }, entry: (cpu: number, hwirq: number) => { heard.push(`entry ${hwirq}@${cpu}`); } };
  mux.trace = first;
  ledger = new IpiLedger(genirq, mux);
  send(1, 4);
  settle();
  expect(heard).toEqual(['raise 4@1', 'entry 4@1']);
  ledger.close();
  expect(mux.trace).toBe(first);
  mux.trace = null;
});
