/**
 * What Linux 6.12.107 and 7.2.13 print on QEMU 10.0.2's `virt,aia=aplic-imsic` (OpenSBI 1.5.1), with the debug messages of
 * irqdomain and the irqchips on; the INTC's and the timer's lines left out.
 */
import { handlePercpuDevidIrq, irqDebugShow } from '@irqchip/genirq-core';
import { domainDebugShow, domainIrqDebugShow, irqDomainAllocIrqs } from '@irqchip/irqdomain';
import { Bench, type BenchOptions } from './bench.ts';

const EARLY = [
  'irq: Added domain :cpus:cpu@0:interrupt-controller',
  'irq: irq_create_mapping(0x(____ptrval____), 0x9)',
  'irq: irq 9 on domain interrupt-controller mapped to virtual irq 9',
  'irq: Added domain IPI-Mux',
  'riscv-imsic: interrupt-controller@28000000: providing IPIs using interrupt 1',
];
const platform = (domain: string, hartBits: number, groupBits: number, total: number): string[] => [
  `irq: Added domain ${domain}`,
  `riscv-imsic: interrupt-controller@28000000:  hart-index-bits: ${hartBits},  guest-index-bits: 0`,
  `riscv-imsic: interrupt-controller@28000000: group-index-bits: ${groupBits}, group-index-shift: 24`,
  'riscv-imsic: interrupt-controller@28000000: per-CPU IDs 255 at base address 0x0000000028000000',
  `riscv-imsic: interrupt-controller@28000000: total ${total} interrupts available`,
];
const DOMAIN_6_12 = ':soc:interrupt-controller@28000000';

const BOARDS: [string, BenchOptions, string[]][] = [
  ['linux-6.12 imsic-smp4', {}, platform(DOMAIN_6_12, 2, 0, 1016)],
  ['linux-6.12 imsic-smp2', { nrCpus: 2 }, platform(DOMAIN_6_12, 1, 0, 508)],
  ['linux-6.12 imsic-numa2-smp4', {
    properties: { 'riscv,hart-index-bits': 1, 'riscv,group-index-bits': 1, 'riscv,group-index-shift': 24 },
    regions: [{ base: 0x28000000, size: 0x2000 }, { base: 0x29000000, size: 0x2000 }],
  }, platform(DOMAIN_6_12, 1, 1, 1016)],
  ['linux-7.2 imsic-smp4', { linux: '7.2' }, platform(`${DOMAIN_6_12}-5`, 2, 0, 1016)],
];

test.each(BOARDS)('%s: the log of the boot', (_name, options, expected) => {
  const bench = new Bench(options);
  bench.boot();
  expect(bench.m.log().filter((line) => !line.startsWith('CPU'))).toEqual([...EARLY, ...expected]);
  expect(bench.m.smp.diagnostics.open).toEqual([]);
});

test('external is irq 9, the IPIs are irqs 1 to 8, identity 1 has none', () => {
  const bench = new Bench().early();
  const { genirq } = bench.m;
  expect(bench.imsic.parentIrq).toBe(9);
  for (let irq = 1; irq <= 8; irq++) expect(genirq.irqToDesc(irq)).toMatchObject({ handleIrq: handlePercpuDevidIrq, irqData: { hwirq: irq - 1 } });
  expect(bench.imsic.state!.vectorOf(0, 1)!.irq).toBe(0);
});

// DEBUG_IRQ.txt of linux-6.12 imsic-smp4, where two interrupts have a vector; the one that was allocated second is on CPU 1.
const DOMAIN_FILE = `name:   :soc:interrupt-controller@28000000-5
 size:   0
 mapped: 2
 flags:  0x00000103
            IRQ_DOMAIN_FLAG_HIERARCHY
            IRQ_DOMAIN_NAME_ALLOCATED
            IRQ_DOMAIN_FLAG_MSI_PARENT
Online bitmaps:        4
Global available:   1014
Global reserved:       0
Total allocated:       2
System: 2: 0-1
 | CPU | avl | man | mac | act | vectors
     0   253     0     0    1  2
     1   253     0     0    1  2
     2   254     0     0    0  
     3   254     0     0    0  
`;

test.each(['6.12', '7.2'] as const)('linux-%s: the base domain in debugfs', (linux) => {
  const domain = new Bench({ linux }).boot();
  irqDomainAllocIrqs(domain, 1, -1, null);
  irqDomainAllocIrqs(domain, 1, -1, null);
  expect(domainDebugShow(domain)).toBe(DOMAIN_FILE);
});

test('an interrupt of the base domain in debugfs', () => {
  const bench = new Bench();
  const domain = bench.boot();
  const virq = irqDomainAllocIrqs(domain, 1, -1, null);
  const text = irqDebugShow(bench.m.genirq.irqToDesc(virq)!, domainIrqDebugShow);
  expect(text.slice(text.indexOf('domain:'))).toBe(`domain:  :soc:interrupt-controller@28000000-5
 hwirq:   0x${virq.toString(16)}
 chip:    IMSIC
  flags:   0x14
             IRQCHIP_MASK_ON_SUSPEND
             IRQCHIP_SKIP_SET_WAKE
 target_cpu      :     0
 target_local_id :     2
 is_reserved     :     0
 is_enabled      :     0
 is_move_pending :     0
`);
});

// DEBUG_IRQ.txt of linux-6.12 imsic-smp4, irqs/9.
const PARENT_FILE = `handler:  imsic_handle_irq
device:   (null)
status:   0x00031e00
            _IRQ_NOPROBE
            _IRQ_NOREQUEST
            _IRQ_NOTHREAD
            _IRQ_NOAUTOEN
            _IRQ_PER_CPU_DEVID
istate:   0x00004000
ddepth:   0
wdepth:   0
dstate:   0x00400a00
            IRQD_ACTIVATED
            IRQD_IRQ_STARTED
            IRQD_PER_CPU
node:     -1
affinity: 0-3
effectiv: 
domain:  :cpus:cpu@0:interrupt-controller
 hwirq:   0x9
 chip:    RISC-V INTC
  flags:   0x0
`;

test('the chained parent in debugfs', () => {
  const bench = new Bench();
  bench.boot();
  expect(irqDebugShow(bench.m.genirq.irqToDesc(9)!)).toBe(PARENT_FILE);
});

test('the hotplug state', () => {
  const bench = new Bench().early();
  expect(bench.m.cpuhp.states().map(({ name }) => name)).toContain('irqchip/riscv/imsic:starting');
});
