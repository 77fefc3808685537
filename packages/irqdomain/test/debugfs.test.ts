import {
  DOMAIN_BUS, domainDebugFiles, domainDebugShow, domainIrqDebugShow, IRQ_DOMAIN_FLAG, IrqMatrix, irqDomainAllocIrqs, irqDomainAllocIrqsParent, irqDomainCreateHierarchy,
  irqDomainCreateLinear, irqDomainCreateTree, irqDomainInstantiate, irqDomainSetHwirqAndChip, irqDomainUpdateBusToken, irqCreateMapping, ofFwnode, type IrqDomain, type IrqDomainOps,
} from '../src/index.ts';
import { CpuMask } from '@irqchip/smp';
import { getIrqData } from '@irqchip/genirq-core';
import { bench, debugFiles, spyChip, type Bench } from './bench.ts';

const counting: IrqDomainOps = {
  map: () => undefined,
  alloc(d, virq, nr) {
    for (let i = 0; i < nr; i++) irqDomainSetHwirqAndChip(d, virq + i, d.mapcount + i, spyChip(), null);
  },
};

function intc(b: Bench, cpu: number, mapped: number): void {
  const domain = irqDomainCreateTree(b.domains, ofFwnode(`/cpus/cpu@${cpu}/interrupt-controller`), counting, null);
  for (let i = 1; i <= mapped; i++) irqCreateMapping(domain, i);
}

function mux(b: Bench): void {
  const domain = irqDomainCreateLinear(b.domains, b.domains.allocNamedFwnode('IPI-Mux'), 8, counting, null);
  domain.flags |= IRQ_DOMAIN_FLAG.IPI_SINGLE;
  irqDomainUpdateBusToken(domain, DOMAIN_BUS.IPI);
  irqDomainAllocIrqs(domain, 8, -1, null);
}

/** Which lines `path` has under "mapped:" of its file. */
function mappedIn(files: Map<string, string>, name: string): number {
  return Number(/ mapped: (\d+)/.exec(files.get(`domains/${name}`)!)![1]);
}

describe.each(['linux-6.12-debugfs/plic-smp4', 'linux-6.12-debugfs/plic-dev-smp4', 'linux-6.12-debugfs/aplic-numa2-smp4', 'linux-7.2-debugfs/plic-smp4', 'linux-7.2-mmode/mmode-smp4'])('domains of %s', (board) => {
  const files = debugFiles(`${board}/DEBUG_IRQ.txt`);

  test('have the recorded text', () => {
    const b = bench(4, 256);
    const names = [...files.keys()].filter((name) => name.startsWith('domains/')).map((name) => name.slice('domains/'.length));
    const cpu = Number(/cpu@(\d)/.exec(names.join())![1]);
    intc(b, cpu, mappedIn(files, `:cpus:cpu@${cpu}:interrupt-controller`));
    mux(b);
    for (const name of names.filter((n) => n.startsWith(':soc:'))) {
      const size = Number(/ size: +(\d+)/.exec(files.get(`domains/${name}`)!)![1]);
      const domain = irqDomainCreateLinear(b.domains, ofFwnode(name.replaceAll(':', '/')), size, counting, null);
      if (mappedIn(files, name)) irqDomainAllocIrqs(domain, mappedIn(files, name), -1, null);
    }
    const shown = domainDebugFiles(b.domains);
    expect(shown.map(({ name }) => name).sort()).toEqual([...names].sort());
    for (const { name, text } of shown) expect(text.trimEnd()).toBe(files.get(`domains/${name}`)!.trimEnd());
  });
});

/** Domains as the IMSIC and what is stacked on it have them, with vectors from the matrix. */
function imsic(b: Bench, kernel: '6.12' | '7.2', matrix: IrqMatrix): IrqDomain {
  const all = CpuMask.all(4);
  const ops: IrqDomainOps = {
    alloc(d, virq) {
      const { cpu, bit } = matrix.alloc(all);
      irqDomainSetHwirqAndChip(d, virq, cpu * 256 + bit, spyChip('IMSIC'), null);
    },
    debugShow: (_d, data, indent) => (data ? [`vector of ${data.irq}`] : matrix.debugShow(indent, b.smp.cpus.online)),
  };
  const fwnode = ofFwnode('/soc/interrupt-controller@28000000');
  if (kernel === '7.2') return irqDomainInstantiate(b.domains, { fwnode, ops, busToken: DOMAIN_BUS.NEXUS, domainFlags: IRQ_DOMAIN_FLAG.MSI_PARENT });
  const domain = irqDomainCreateTree(b.domains, fwnode, ops, null);
  domain.flags |= IRQ_DOMAIN_FLAG.MSI_PARENT;
  irqDomainUpdateBusToken(domain, DOMAIN_BUS.NEXUS);
  return domain;
}

function stacked(base: IrqDomain, path: string, token: number, mapped: number): IrqDomain {
  const flags = IRQ_DOMAIN_FLAG.MSI | IRQ_DOMAIN_FLAG.MSI_DEVICE;
  const domain = irqDomainCreateHierarchy(base, flags, 0, ofFwnode(path), {
    alloc(d, virq, nr, arg) {
      irqDomainSetHwirqAndChip(d, virq, virq, spyChip('device'), null);
      irqDomainAllocIrqsParent(d, virq, nr, arg);
    },
  }, null);
  irqDomainUpdateBusToken(domain, token);
  for (let i = 0; i < mapped; i++) irqDomainAllocIrqs(domain, 1, -1, null);
  return domain;
}

function imsicMatrix(b: Bench): IrqMatrix {
  const matrix = new IrqMatrix(4, 256, 0, 256, b.smp.diagnostics);
  matrix.assignSystem(0);
  matrix.assignSystem(1);
  for (let cpu = 0; cpu < 4; cpu++) {
    matrix.online(cpu);
    b.smp.cpus.online.set(cpu);
  }
  return matrix;
}

test('the IMSIC of 6.12 with fifteen MSIs, and the domains stacked on it, have the recorded text', () => {
  const files = debugFiles('linux-6.12-debugfs/imsic-dev-smp4/DEBUG_IRQ.txt');
  const b = bench();
  const base = imsic(b, '6.12', imsicMatrix(b));
  const all = [base, stacked(base, '/soc/interrupt-controller@d000000', 16, 7), stacked(base, 'PCI-MSIX-0000:00:01.0', 12, 3), stacked(base, 'PCI-MSIX-0000:00:03.0', 12, 5)];
  for (const domain of all) expect(`${domainDebugShow(domain)}\n`).toBe(files.get(`domains/${domain.name}`));
});

test('with CPU1 off its vectors are elsewhere, as recorded', () => {
  const files = debugFiles('linux-6.12-debugfs/imsic-dev-smp4/DEBUG_IRQ.offline1.txt');
  const b = bench();
  const matrix = imsicMatrix(b);
  const base = imsic(b, '6.12', matrix);
  stacked(base, '/soc/interrupt-controller@d000000', 16, 15);
  const rest = new CpuMask(4, [0, 2, 3]);
  const moved = [matrix.alloc(rest), matrix.alloc(rest)];
  matrix.free(1, 2);
  matrix.free(1, 3);
  matrix.offline(1);
  b.smp.cpus.online.clear(1);
  expect(moved).toEqual([{ cpu: 3, bit: 5 }, { cpu: 0, bit: 6 }]);
  expect(`${domainDebugShow(base)}\n`).toBe(files.get(`domains/${base.name}`));
});

test('the IMSIC of 7.2 and its APLIC have the recorded text', () => {
  const files = debugFiles('linux-7.2-debugfs/imsic-smp4/DEBUG_IRQ.txt');
  const b = bench();
  const matrix = imsicMatrix(b);
  const base = imsic(b, '7.2', matrix);
  const aplic = stacked(base, '/soc/interrupt-controller@d000000', DOMAIN_BUS.DEVICE_MSI, 2);
  // 7.2 moved the second one from CPU1 to CPU2 after it was allocated.
  matrix.alloc(CpuMask.of(4, 2));
  matrix.free(1, 2);
  for (const domain of [base, aplic]) expect(`${domainDebugShow(domain)}\n`).toBe(files.get(`domains/${domain.name}`));
  expect(base.name).toBe(':soc:interrupt-controller@28000000-5');
});

test('the default file shows the default domain, and is empty without one', () => {
  const { domains } = bench();
  const domain = irqDomainCreateLinear(domains, null, 2, {}, null);
  const fileOf = (): string => domainDebugFiles(domains).find(({ name }) => name === 'default')!.text;
  expect(fileOf()).toBe('');
  domains.setDefaultDomain(domain);
  expect(fileOf()).toBe('name:   unknown-1\n size:   2\n mapped: 0\n flags:  0x00000002\n            IRQ_DOMAIN_NAME_ALLOCATED\n');
});

test('files come in the order of their names, as a directory lists them', () => {
  const { domains } = bench();
  for (const path of ['/b', '/a', 'z']) irqDomainCreateLinear(domains, ofFwnode(path), 2, {}, null);
  expect(domainDebugFiles(domains).map(({ name }) => name)).toEqual([':a', ':b', 'default', 'z']);
});

test.each([
  [IRQ_DOMAIN_FLAG.IPI_PER_CPU, 'IRQ_DOMAIN_FLAG_IPI_PER_CPU'],
  [IRQ_DOMAIN_FLAG.ISOLATED_MSI, 'IRQ_DOMAIN_FLAG_ISOLATED_MSI'],
  [IRQ_DOMAIN_FLAG.NO_MAP, 'IRQ_DOMAIN_FLAG_NO_MAP'],
  [IRQ_DOMAIN_FLAG.NONCORE, 'IRQ_DOMAIN_FLAG_NONCORE'],
])('flag %i is called %s', (flag, name) => {
  const { domains } = bench();
  const domain = irqDomainInstantiate(domains, { fwnode: domains.allocIrqchipFwnode(0), ops: {}, domainFlags: flag });
  expect(domainDebugShow(domain).split('\n').slice(4)).toEqual([`            ${name}`, '']);
});

test('a level\'s own lines for one interrupt come from its domain', () => {
  const b = bench();
  const base = imsic(b, '6.12', imsicMatrix(b));
  const virq = irqDomainAllocIrqs(stacked(base, '/x', 16, 0), 1, -1, null);
  const data = getIrqData(b.genirq, virq)!;
  expect([domainIrqDebugShow(data), domainIrqDebugShow(data.parentData!)]).toEqual([[], [`vector of ${virq}`]]);
});
