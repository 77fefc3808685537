import 'reflect-metadata';
import { CPUHP } from '@irqchip/cpuhp';
import { ACLINT_SSWI, aclintSswi, AclintSswi, clint, SSWI_OPTIONS } from '@irqchip/drivers-clint';
import { clintModule, sswiModule } from '@irqchip/drivers-clint/di';
import { IPI_MUX } from '@irqchip/ipi-mux';
import { IRQCHIP_DRIVER } from '@irqchip/irqdomain';
import { CLOCK_EVENTS, CSR, HARTS, RISCV_IPI } from '@irqchip/riscv';
import { Smp, SMP } from '@irqchip/smp';
import { Container } from 'inversify';

test('the module contributes the driver', () => {
  const container = new Container();
  container.load(clintModule);
  expect(container.getAll(IRQCHIP_DRIVER)).toEqual([clint]);
  expect([clint.compatible, clint.stage]).toEqual([['riscv,clint0', 'sifive,clint0'], 'timer']);
  expect(clint.services).toEqual([HARTS, CSR, IPI_MUX, RISCV_IPI, CPUHP, CLOCK_EVENTS]);
});

test('the module of the SSWI contributes the driver and what its devices share, one a machine', () => {
  const machine = (): Container => {
    const container = new Container();
    container.bind(SMP).toConstantValue(new Smp({ nrCpus: 2 }));
    container.load(sswiModule);
    return container;
  };
  const [one, other] = [machine(), machine()];
  other.bind(SSWI_OPTIONS).toConstantValue({ mvendorid: 0x5b7 });
  expect(one.getAll(IRQCHIP_DRIVER)).toEqual([aclintSswi]);
  expect([aclintSswi.compatible, aclintSswi.stage]).toEqual([['mips,p8700-aclint-sswi', 'nuclei,ux900-aclint-sswi', 'thead,c900-aclint-sswi'], 'irqchip']);
  expect(aclintSswi.services).toEqual([HARTS, CSR, IPI_MUX, CPUHP, RISCV_IPI, ACLINT_SSWI]);
  expect(one.get(ACLINT_SSWI)).toBeInstanceOf(AclintSswi);
  expect(one.get(ACLINT_SSWI)).toBe(one.get(ACLINT_SSWI));
  expect([one, other].map((container) => container.get<AclintSswi>(ACLINT_SSWI).mvendorid)).toEqual([0, 0x5b7]);
});
