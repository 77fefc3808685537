import { Container } from 'inversify';
import { Smp, SMP } from '@irqchip/smp';
import { CPUHP, CPUHP_OPTIONS } from '@irqchip/cpuhp';
import { cpuhpModule } from '@irqchip/cpuhp/di';

test('the module makes one CpuHotplug per container, with the options that are bound', () => {
  const container = (linux?: '6.12'): Container => {
    const made = new Container();
    made.bind(SMP).toConstantValue(new Smp({ nrCpus: 2 }));
    if (linux) made.bind(CPUHP_OPTIONS).toConstantValue({ linux });
    made.load(cpuhpModule);
    return made;
  };
  const plain = container();
  expect(plain.get(CPUHP)).toBe(plain.get(CPUHP));
  expect(plain.get<{ linux: string }>(CPUHP).linux).toBe('7.2');
  const old = container('6.12').get<{ linux: string }>(CPUHP);
  expect(old.linux).toBe('6.12');
  expect(old).not.toBe(plain.get(CPUHP));
});

test('two machines share nothing', async () => {
  const { CpuHotplug } = await import('@irqchip/cpuhp');
  const [a, b] = [new CpuHotplug(new Smp({ nrCpus: 2 })), new CpuHotplug(new Smp({ nrCpus: 2 }))];
  a.setupState('CPUHP_AP_ONLINE_DYN', 'only a', null, null);
  a.cpuUp(1);
  expect(b.statesText()).not.toMatch(/only a/);
  expect(b.stateOf(1)).toBe(0);
});
