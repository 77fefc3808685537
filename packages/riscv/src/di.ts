import 'reflect-metadata';
import { GENIRQ, type Genirq } from '@irqchip/genirq-core';
import { IRQCHIP_DRIVER } from '@irqchip/irqdomain';
import { SMP, type Smp } from '@irqchip/smp';
import { ContainerModule } from 'inversify';
import { RISCV_IPI, RiscvIpi } from './ipi/riscv-ipi.ts';
import { CLOCK_EVENTS, ClockEvents } from './timer/clock-event.ts';
import { riscvTimer } from './timer/riscv-timer.ts';

/** The IPI layer, the timers and the riscv-timer driver. The machine supplies HARTS, CSR and SBI. */
export const riscvModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(RISCV_IPI).toResolvedValue((genirq: Genirq, smp: Smp, events: ClockEvents) => {
    const ipi = new RiscvIpi(genirq, smp);
    ipi.attach({ timerBroadcast: () => events.receiveBroadcast() });
    return ipi;
  }, [GENIRQ, SMP, CLOCK_EVENTS]).inSingletonScope();
  bind(CLOCK_EVENTS).toResolvedValue((smp: Smp) => new ClockEvents(smp), [SMP]).inSingletonScope();
  bind(IRQCHIP_DRIVER).toConstantValue(riscvTimer);
});
