/** The driver in MSI mode: on registers that do nothing by themselves, over a modelled IMSIC. */
import { readFileSync } from 'node:fs';
import {
  disableIrqNosync, enableIrq, freeIrq, injectInterrupt, IRQ_HANDLED, irqDebugShow, irqSetAffinity, irqToDesc, requestIrq, setIrqType, showInterrupts, writeSmpAffinity,
} from '@irqchip/genirq-core';
import { domainDebugShow, domainIrqDebugShow, irqDisposeMapping } from '@irqchip/irqdomain';
import { CpuMask, errnoOf } from '@irqchip/smp';
import { aplic as driver } from '../src/index.ts';
import { FALLING, HIGH, LOW, RISING } from './aplic-bench.ts';
import { AplicMsiBench, probedMsi, type AplicMsiBenchOptions } from './aplic-msi-bench.ts';

const N = 'riscv-aplic d000000.interrupt-controller: ';
const failed = (code: string): string => `${N}error -${code}: failed to setup APLIC in MSI mode`;
const LE = '2000';
const SETIENUM = '1edc';
const CLRIENUM = '1fdc';
const hex = (value: number): string => (value >>> 0).toString(16);

describe('the set-up', () => {
  test('S-mode: everything off, then deliver by messages; addresses are the firmware\'s business', () => {
    const bench = new AplicMsiBench();
    const node = bench.node({ sources: 2 });
    node.probe();
    expect(node.fake.log).toEqual(['1f00=ffffffff', '4=0', '3004=1', '8=0', '3008=1', '0=0', '0=80000104']);
    expect(bench.log()).toEqual([`${N}2 interrupts forwarded to MSI base 0x0000000028000000`]);
    expect(bench.m.smp.diagnostics.open).toEqual([]);
  });

  test('M-mode: the addresses first', () => {
    const bench = new AplicMsiBench({ mode: 'M', nrCpus: 4, imsic: { properties: { 'riscv,guest-index-bits': 1, 'riscv,group-index-bits': 1, 'riscv,group-index-shift': 25 }, regions: [{ base: 0x24000000, size: 0x8000 }] } });
    const node = bench.node({ base: 0xc000000, sources: 1 });
    node.probe();
    expect(node.fake.log.slice(-4)).toEqual(['0=0', '1bc0=24000', '1bc4=1112000', '0=80000104']);
    expect(bench.log()).toEqual(['riscv-aplic c000000.interrupt-controller: 1 interrupts forwarded to MSI base 0x0000000024000000']);
  });

  test('msi-parent decides, even where interrupts-extended is there', () => {
    const bench = new AplicMsiBench();
    const node = bench.node({ parents: [{ cpu: 0, irq: 9 }] });
    node.probe();
    expect([node.fake.word(0x4000), bench.parent.irq]).toEqual([0, 0]);
  });

  test('without an IMSIC: ENODEV', () => {
    const bench = new AplicMsiBench({ stage: 'none' });
    bench.m.smp.diagnostics.take();
    expect(() => bench.node().probe()).toThrow(expect.objectContaining({ code: 'ENODEV' }));
    expect(bench.log()).toEqual([`${N}IMSIC global config not found`, failed('ENODEV')]);
  });

  test('before the IMSIC\'s domain: EPROBE_DEFER, silently; it works when that is there', () => {
    const bench = new AplicMsiBench({ stage: 'early' });
    const node = bench.node();
    expect(() => node.probe()).toThrow(expect.objectContaining({ code: 'EPROBE_DEFER' }));
    expect(bench.log()).toEqual([]);
    bench.imsic.platform();
    node.probe();
    expect(bench.log()).toEqual([`${N}96 interrupts forwarded to MSI base 0x0000000028000000`]);
    expect(bench.m.smp.diagnostics.open).toEqual([]);
  });

  test('an msi-parent that leads nowhere: EPROBE_DEFER for ever', () => {
    const bench = new AplicMsiBench();
    const node = bench.node({ context: { msiParent: bench.m.intcFwnodes[0]! } });
    expect(() => node.probe()).toThrow(expect.objectContaining({ code: 'EPROBE_DEFER' }));
    const none = bench.node();
    expect(() => bench.m.probe(driver, { ...none.ctx, msiParent: null }, bench.services)).toThrow(expect.objectContaining({ code: 'EPROBE_DEFER' }));
  });

  test('an IMSIC that the address registers cannot describe: EINVAL, before anything may be delivered', () => {
    const bench = new AplicMsiBench({ imsic: { properties: { 'riscv,group-index-shift': 20, 'riscv,group-index-bits': 1 } } });
    const node = bench.node();
    expect(() => node.probe()).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    expect(bench.log()).toEqual([`${N}IMSIC group index shift should be >= 24`, failed('EINVAL')]);
    expect(node.fake.word(0)).toBe(0);
  });

  test.each(['msi_domain_template', 'msi_device_data', 'irq_domain'])('no memory at %s: ENOMEM, and a second try works', (site) => {
    const bench = new AplicMsiBench();
    const node = bench.node();
    bench.m.smp.faults.fail(site);
    const domains = bench.m.domains.list.length;
    expect(() => node.probe()).toThrow(expect.objectContaining({ code: 'ENOMEM' }));
    expect([bench.log(), bench.m.domains.list.length - domains]).toEqual([[`${N}failed to create MSI irq domain`], 0]);
    node.probe();
    expect(node.map(3, HIGH)).toBeGreaterThan(0);
  });
});

describe('an interrupt', () => {
  test.each([['high', HIGH, 6], ['low', LOW, 7]])('%s: source mode, once more in case it is up already, message, enable', (_name, type, mode) => {
    const { bench, aplic } = probedMsi();
    const virq = aplic.request(10, type);
    expect(aplic.fake.taken()).toEqual([`28=${mode}`, `${LE}=a`, `3028=${hex(bench.targetOf(virq))}`, `${SETIENUM}=a`]);
  });

  test.each([['rising', RISING, 4], ['falling', FALLING, 5]])('%s: source mode, message, enable', (_name, type, mode) => {
    const { bench, aplic } = probedMsi();
    const virq = aplic.request(10, type);
    expect(aplic.fake.taken()).toEqual([`28=${mode}`, `3028=${hex(bench.targetOf(virq))}`, `${SETIENUM}=a`]);
  });

  test('from level to edge the old type decides whether it is raised again, as in the kernel', () => {
    const { bench, aplic } = probedMsi();
    const virq = aplic.request(10, HIGH);
    aplic.fake.taken();
    setIrqType(bench.m.genirq, virq, RISING);
    expect(aplic.fake.taken()).toEqual([`${CLRIENUM}=a`, '28=4', `${LE}=a`, `${SETIENUM}=a`]);
    setIrqType(bench.m.genirq, virq, HIGH);
    expect(aplic.fake.taken()).toEqual([`${CLRIENUM}=a`, '28=6', `${SETIENUM}=a`]);
  });

  test('the end of a level one raises it again, the end of an edge does not', () => {
    const { bench, aplic } = probedMsi();
    let runs = 0;
    const level = aplic.request(10, HIGH, () => { runs++; });
    const edge = aplic.request(11, RISING, () => { runs++; });
    aplic.fake.taken();
    // The other CPU's identity is on after its next tick.
    bench.imsic.advance(8e6);
    for (const virq of [level, edge]) {
      const { cpu, localId } = bench.vector(virq);
      bench.imsic.hw.file(cpu).setPending(localId);
      bench.m.settle();
    }
    expect([runs, aplic.fake.taken()]).toEqual([2, [`${LE}=a`]]);
  });

  test('masked at the source before the identity, unmasked after it', () => {
    const { bench, aplic } = probedMsi();
    const virq = aplic.map(10, HIGH);
    const order: string[] = [];
    const register = aplic.fake.write.bind(aplic.fake);
    aplic.fake.write = (offset, width, value) => {
      if (offset === 0x1edc || offset === 0x1fdc) order.push(`${offset === 0x1edc ? 'on' : 'off'}, identity ${bench.vector(virq).enable ? 'on' : 'off'}`);
      register(offset, width, value);
    };
    requestIrq(bench.m.genirq, virq, () => IRQ_HANDLED, 0, 'order');
    expect([order, bench.vector(virq).enable]).toEqual([['on, identity on'], true]);
    freeIrq(bench.m.genirq, virq);
    expect([order, bench.vector(virq).enable]).toEqual([['on, identity on', 'off, identity on'], false]);
  });

  test('disable masks at the next arrival, enable raises nothing by itself', () => {
    const { bench, aplic } = probedMsi();
    const virq = aplic.request(10, HIGH);
    aplic.fake.taken();
    disableIrqNosync(bench.m.genirq, virq);
    const { cpu, localId } = bench.vector(virq);
    bench.imsic.hw.file(cpu).setPending(localId);
    bench.m.settle();
    expect(aplic.fake.taken()).toEqual([`${CLRIENUM}=a`, `${LE}=a`]);
    enableIrq(bench.m.genirq, virq);
    expect(aplic.fake.taken()).toEqual([`${SETIENUM}=a`]);
  });

  test('freed: masked, and its message goes nowhere', () => {
    const { bench, aplic } = probedMsi();
    const virq = aplic.request(10, HIGH);
    aplic.fake.taken();
    freeIrq(bench.m.genirq, virq);
    expect(aplic.fake.taken()).toEqual([`${CLRIENUM}=a`, '3028=0']);
    irqDisposeMapping(bench.m.domains, virq);
    expect(bench.m.genirq.irqToDesc(virq)).toBeNull();
    expect(aplic.request(10, HIGH)).toBe(virq);
  });

  test.each([0, 1, 2, 3])('moved to CPU %i: the message changes with it', (cpu) => {
    const { bench, aplic } = probedMsi();
    const virq = aplic.request(10, HIGH);
    irqSetAffinity(bench.m.genirq, virq, new CpuMask(4, [cpu]));
    bench.imsic.advance(8e6);
    expect([bench.vector(virq).cpu, aplic.fake.target(10)]).toEqual([cpu, bench.targetOf(virq)]);
    expect(bench.m.smp.diagnostics.open).toEqual([]);
  });

  test('moves on when its CPU goes', () => {
    const { bench, aplic } = probedMsi();
    const virq = aplic.request(10, HIGH);
    irqSetAffinity(bench.m.genirq, virq, new CpuMask(4, [1]));
    bench.imsic.advance(8e6);
    bench.m.cpuhp.cpuDown(1);
    expect(bench.vector(virq).cpu).not.toBe(1);
    expect(aplic.fake.target(10)).toBe(bench.targetOf(virq));
  });

  test('harts of another group have their own pages, and hart indexes above those of the first', () => {
    const { bench, aplic } = probedMsi({ imsic: {
      properties: { 'riscv,hart-index-bits': 1, 'riscv,group-index-bits': 1, 'riscv,group-index-shift': 24 },
      regions: [{ base: 0x28000000, size: 0x2000 }, { base: 0x29000000, size: 0x2000 }],
    } });
    const virq = aplic.request(10, HIGH);
    irqSetAffinity(bench.m.genirq, virq, new CpuMask(4, [3]));
    expect(aplic.fake.target(10) >>> 18).toBe(3);
  });
});

describe('specifiers', () => {
  test.each([[0, /source 0 does not exist/], [97, /source 97 does not exist; riscv,num-sources is 96/]])('source %i is refused, with a warning', (source, finding) => {
    const { bench, aplic } = probedMsi();
    expect([aplic.map(source, HIGH), aplic.fake.taken()]).toEqual([0, []]);
    expect(bench.m.smp.diagnostics.take('warn').map(({ message }) => message)).toEqual([expect.stringMatching(finding)]);
  });

  test('the same source twice is the same interrupt, another type is not', () => {
    const { aplic } = probedMsi();
    const virq = aplic.map(10, HIGH);
    expect([aplic.map(10, HIGH), aplic.map(10, RISING)]).toEqual([virq, 0]);
  });

  test('all 96 sources can be mapped, the last one too', () => {
    const { aplic, domain } = probedMsi();
    for (let source = 1; source <= 96; source++) expect(aplic.map(source, HIGH)).toBeGreaterThan(0);
    expect(domain.mapcount).toBe(96);
  });
});

test('two APLICs on one IMSIC: domains and chips of their own', () => {
  const { bench, aplic } = probedMsi();
  const second = bench.node({ base: 0xd008000 });
  second.probe();
  const irqs = [aplic, second].map((node) => node.request(10, HIGH));
  expect(irqs.map((irq) => irqToDesc(bench.m.genirq, irq)!.irqData.chip.name)).toEqual(['APLIC-MSI-d000000.interrupt-controller', 'APLIC-MSI-d008000.interrupt-controller']);
  expect(new Set(irqs.map((irq) => bench.targetOf(irq))).size).toBe(2);
});

const DIR = new URL('../../../testdata/linux/', import.meta.url);
const recorded = (board: string, file: string): string => readFileSync(new URL(`${board}/${file}`, DIR), 'utf8');
function debugFile(board: string, name: string, listing = 'DEBUG_IRQ.txt'): string {
  return recorded(board, listing).split(`==> ${name} <==\n`)[1]!.split('\n==> ')[0]!.replace(/\n+$/, '');
}

/** CPUs by memory node. */
const NODES = [[0, 1], [2, 3]];
const NUMA: AplicMsiBenchOptions = { imsic: {
  properties: { 'riscv,hart-index-bits': 1, 'riscv,group-index-bits': 1, 'riscv,group-index-shift': 24 },
  regions: [{ base: 0x28000000, size: 0x2000 }, { base: 0x29000000, size: 0x2000 }],
} };
const BOARDS: [string, AplicMsiBenchOptions, number[]][] = [
  ['linux-6.12-debugfs/imsic-smp2', { nrCpus: 2 }, [0xd000000]],
  ['linux-6.12-debugfs/imsic-smp4', {}, [0xd000000]],
  ['linux-6.12-debugfs/imsic-numa2-smp4', NUMA, [0xd000000, 0xd008000]],
  ['linux-7.2-debugfs/imsic-smp4', { linux: '7.2' }, [0xd000000]],
];

describe.each(BOARDS)('%s, as recorded', (board, options, bases) => {
  /** As far as the recorded kernel got: IPIs, external interrupt, timer, then a serial port and a clock. */
  function boot(): { bench: AplicMsiBench; irqs: number[] } {
    const bench = new AplicMsiBench({ ...options, irqsAfter: [5] });
    if (options === NUMA) Object.defineProperty(bench.m.genirq, 'cpumaskOfNode', { value: (node: number) => (NODES[node] ? new CpuMask(4, NODES[node]) : null) });
    const nodes = bases.map((base, nid) => bench.node({ base, ...(options === NUMA && { nid }) }));
    for (const node of nodes) node.probe();
    return { bench, irqs: [[10, 'ttyS0'], [11, '101000.rtc']].map(([source, name]) => {
      const irq = nodes[0]!.map(source as number, HIGH);
      requestIrq(bench.m.genirq, irq, () => IRQ_HANDLED, 0, name as string);
      return irq;
    }) };
  }

  test('the log', () => {
    const { bench } = boot();
    const expected = recorded(board, 'DMESG_FILTERED.txt').split('\n').map((line) => line.replace(/^\[ *[\d.]+\] /, '')).filter((line) => /riscv-aplic|Added domain :soc:interrupt-controller@d/.test(line));
    expect(bench.m.log().filter((line) => /riscv-aplic|Added domain :soc:interrupt-controller@d/.test(line))).toEqual(expected);
  });

  test('debugfs: the domains', () => {
    const { bench } = boot();
    const files = bench.m.domains.list.filter(({ name }) => name.startsWith(':soc:interrupt-controller@d'));
    expect(files).toHaveLength(bases.length);
    // Which vectors are in use is another matter on 7.2, whose self-test had used some.
    const flat = (text: string): string => (options.linux === '7.2' ? text.replace(/^ +[0-9]+ +25.*$/gm, '') : text).replace(/\n+$/, '');
    for (const domain of files) expect(flat(domainDebugShow(domain))).toBe(flat(debugFile(board, `domains/${domain.name}`)));
  });

  test('debugfs: the interrupts', () => {
    const { bench, irqs } = boot();
    expect(irqs).toEqual([11, 12]);
    const show = (irq: number): string => irqDebugShow(irqToDesc(bench.m.genirq, irq)!, domainIrqDebugShow).replace(/\n+$/, '');
    // The 7.2 kernel knows of no memory nodes, and its self-test had used vectors before the second interrupt was made.
    if (options.linux === '7.2') return expect(show(irqs[0]!).replace(/^node: .*$/m, 'node:     0')).toBe(debugFile(board, `irqs/${irqs[0]}`));
    for (const irq of irqs) expect(show(irq)).toBe(debugFile(board, `irqs/${irq}`));
  });

  test('/proc/interrupts', () => {
    const { bench } = boot();
    const rows = (text: string): string[] => text.split('\n').filter((line) => line.includes('APLIC-MSI')).map((line) => line.replace(/: .*?APLIC/, ': APLIC'));
    const own = rows(showInterrupts(bench.m.genirq));
    expect(own).toHaveLength(2);
    // The hwirq column is as wide as the widest of another kernel's chips; one space is left when that is this one.
    const squeeze = (line: string): string => line.replace(/ +/g, ' ');
    expect(own.map(squeeze)).toEqual(rows(recorded(board, 'INTERRUPTS.txt')).slice(0, 2).map(squeeze));
  });

  test('writes of 2 to smp_affinity', () => {
    const { bench, irqs } = boot();
    const results = irqs.map((irq) => {
      try { writeSmpAffinity(bench.m.genirq, irq, '2'); return 'ok'; } catch (error) { return String(errnoOf(error)); }
    });
    const lines = recorded(board, 'SETAFF1.txt');
    expect(irqs.map((irq) => /^irq \d+ (\w+)/.exec(lines.split('\n').find((line) => line.startsWith(`irq ${irq} `))!)![1])).toEqual(results);
    expect(irqs.map((irq) => bench.vector(irq).cpu)).toEqual([1, 1]);
  });

  test('injection is refused, for a level cannot be resent', () => {
    const { bench, irqs } = boot();
    expect(recorded(board, 'INJECT.txt')).toMatch(/Invalid argument\nirq 11 failed/);
    expect(() => injectInterrupt(bench.m.genirq, irqs[0]!)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });
});
