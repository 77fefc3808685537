import { irqchipModule } from '@irqchip/irqdomain/di';
import { runScenario, runTraffic } from '@irqchip/machine';
import { bench, type Bench } from '@irqchip/testkit';
import { driver } from './drivers/mail.ts';
import { hardware } from './hardware/mail.ts';

const mail = (nodes = ''): Bench => bench({ compatible: 'acme,mail', modules: [irqchipModule(driver)], hardware, cpus: 4, harts: 'all', nodes, allowFailures: nodes !== '' });

test('traffic of a provider that is no mux adds up, through hotplug too', () => {
  const { machine } = mail();
  expect(machine.muxes.all).toEqual([]);
  const { ipis: { sent, handled, merged, held, lost, spurious }, calls, hotplugs } = runTraffic(machine, { seed: 3 });
  expect([lost, spurious, held, handled + merged - sent, calls.ran - calls.asked, hotplugs]).toEqual([0, 0, 0, 0, 0, 4]);
  expect([sent > 500, merged > 0, handled > merged]).toEqual([true, true, true]);
});

test('a second node of such a provider is told where the IPIs come from', () => {
  const { machine } = mail(`mail@20000000 { compatible = "acme,mail"; reg = <0x20000000 0x1000>; interrupt-controller; #interrupt-cells = <1>;
    interrupts-extended = <&intc0 11 &intc1 11 &intc2 11 &intc3 11>; };`);
  expect(machine.failures.map(({ node, error }) => [node, error])).toEqual([['/mail@20000000', expect.objectContaining({ code: 'EBUSY' })]]);
  expect(machine.smp.log.records.map(({ text }) => text).join('\n')).toMatch(/IPIs come from \/interrupt-controller@10000000 \(acme,mail\) already: set the status/);
  machine.smp.diagnostics.take();
});

test('nobody triggers the IPIs of such a provider by hand', () => {
  const { machine } = mail();
  const [{ writes } = { writes: [] }] = runScenario(machine, 'inject');
  expect(machine.ipi.virqs.map((virq) => writes.find((write) => write.startsWith(`irq ${virq} `)))).toEqual(machine.ipi.virqs.map((virq) => `irq ${virq} skipped (mail)`));
  expect(machine.smp.cpus.online.toList()).toBe('0-3');
});
