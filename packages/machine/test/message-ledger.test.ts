import { disablePercpuIrq, enablePercpuIrq, Genirq, handlePercpuDevidIrq, IRQ_TYPE, irqToDesc, setPercpuDevid, type IrqChip } from '@irqchip/genirq-core';
import { genericHandleDomainIrq, IrqDomains, irqDomainAllocIrqs, irqDomainCreateLinear, irqDomainFreeIrqsTop, irqDomainSetInfo } from '@irqchip/irqdomain';
import { IPI, RiscvIpi } from '@irqchip/riscv';
import { CpuMask, Smp } from '@irqchip/smp';
import { MessageLedger } from '../src/traffic/message-ledger.ts';

const { RESCHEDULE, IRQ_WORK, TIMER } = IPI;

/** Two CPUs whose messages are bits of a mailbox, in a domain of their own: no mux. */
class Mail {
  readonly smp = new Smp({ nrCpus: 2 });
  readonly genirq = new Genirq(this.smp);
  readonly ipi = new RiscvIpi(this.genirq, this.smp);
  /** CPUs whose mail gets lost. */
  readonly deaf = new Set<number>();
  private readonly bits = [0, 0];
  private readonly domains = new IrqDomains(this.genirq);
  private readonly chip: IrqChip = {
    name: 'mail',
    irqMask: () => undefined,
    irqUnmask: () => undefined,
    irqAck: ({ hwirq }) => { this.bits[this.smp.cpus.current]! &= ~(1 << hwirq); },
    ipiSendMask: ({ hwirq }, mask) => { for (const cpu of mask) if (!this.deaf.has(cpu)) this.bits[cpu]! |= 1 << hwirq; },
  };
  private readonly domain = irqDomainCreateLinear(this.domains, this.domains.allocNamedFwnode('mail'), 8, {
    alloc: (domain, virq, nr) => {
      for (let bit = 0; bit < nr; bit++) {
        setPercpuDevid(this.genirq, virq + bit);
        irqDomainSetInfo(domain, virq + bit, bit, this.chip, null, handlePercpuDevidIrq, null, null);
      }
    },
    free: irqDomainFreeIrqsTop,
  }, null);

  constructor() {
    this.smp.cpus.online.set(1);
    this.ipi.setVirqRange(irqDomainAllocIrqs(this.domain, 8, -1, null), 8);
    this.enable(1);
  }

  enable(cpu: number): void { this.smp.cpus.runOn(cpu, () => { for (const virq of this.ipi.virqs) enablePercpuIrq(this.genirq, virq, IRQ_TYPE.NONE); }); }
  disable(cpu: number): void { this.smp.cpus.runOn(cpu, () => { for (const virq of this.ipi.virqs) disablePercpuIrq(this.genirq, virq); }); }

  /** A CPU takes what is in its mailbox, and `more`. */
  open(cpu: number, more = 0): void {
    this.bits[cpu]! |= more;
    this.smp.cpus.runOn(cpu, () => {
      this.smp.cpus.localIrqDisable();
      this.smp.cpus.irqEnter();
      for (let bit = 0; bit < 8; bit++) if (this.bits[cpu]! & (1 << bit)) genericHandleDomainIrq(this.domain, bit);
      this.smp.cpus.irqExit();
      this.smp.cpus.localIrqEnable();
    });
  }
}

let mail: Mail;
let ledger: MessageLedger;
beforeEach(() => {
  mail = new Mail();
  ledger = new MessageLedger(mail.genirq, mail.ipi);
});

test('handled, merged and held add up to sent', () => {
  mail.disable(1);
  for (const [cpu, op] of [[0, RESCHEDULE], [0, RESCHEDULE], [0, TIMER], [1, TIMER], [1, TIMER]] as const) mail.ipi.sendSingle(cpu, op);
  mail.open(0);
  ledger.rest();
  expect(ledger.totals()).toEqual({ sent: 5, handled: 2, merged: 2, held: 1, lost: 0, spurious: 0 });
  mail.enable(1);
  mail.open(1);
  ledger.rest();
  expect(ledger.totals()).toEqual({ sent: 5, handled: 3, merged: 2, held: 0, lost: 0, spurious: 0 });
});

test('a mask counts once for each of its CPUs', () => {
  mail.ipi.sendMask(new CpuMask(2, [0, 1]), IRQ_WORK);
  expect(ledger.totals()).toMatchObject({ sent: 2, lost: 2 });
  for (const cpu of [0, 1]) mail.open(cpu);
  expect(ledger.totals()).toEqual({ sent: 2, handled: 2, merged: 0, held: 0, lost: 0, spurious: 0 });
});

test('what did not arrive by the time of rest is lost, although a later run sweeps it up', () => {
  mail.deaf.add(1);
  mail.ipi.sendSingle(1, TIMER);
  mail.open(1);
  ledger.rest();
  mail.deaf.clear();
  mail.ipi.sendSingle(1, TIMER);
  mail.open(1);
  ledger.rest();
  expect(ledger.totals()).toEqual({ sent: 2, handled: 1, merged: 0, held: 0, lost: 1, spurious: 0 });
});

test('a run without a send is spurious, and does not make up for a message that was lost elsewhere', () => {
  mail.deaf.add(1);
  mail.ipi.sendSingle(1, TIMER);
  mail.open(0, 1 << TIMER);
  ledger.rest();
  expect(ledger.totals()).toEqual({ sent: 1, handled: 1, merged: 0, held: 0, lost: 1, spurious: 1 });
});

test('what a CPU that took nothing was sent before is not part of the account', () => {
  ledger.close();
  mail.disable(1);
  mail.ipi.sendSingle(1, TIMER);
  ledger = new MessageLedger(mail.genirq, mail.ipi);
  mail.enable(1);
  mail.open(1);
  expect(ledger.totals()).toEqual({ sent: 0, handled: 0, merged: 0, held: 0, lost: 0, spurious: 0 });
});

test('who listened before still hears everything, also after the account is closed', () => {
  ledger.close();
  const heard: string[] = [];
  const first = { raise: (cpu: number, op: number) => { heard.push(`${op}@${cpu}`); } };
  mail.ipi.trace = first;
  ledger = new MessageLedger(mail.genirq, mail.ipi);
  mail.ipi.sendSingle(1, IRQ_WORK);
  expect(heard).toEqual([`${IRQ_WORK}@1`]);
  ledger.close();
  expect(mail.ipi.trace).toBe(first);
});

test('the messages are the first eight of what the provider has', () => {
  expect(mail.ipi.virqs.map((virq) => irqToDesc(mail.genirq, virq)?.irqData.hwirq)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(new RiscvIpi(mail.genirq, mail.smp).virqs).toEqual([]);
});
