import { readFileSync } from 'node:fs';
import {
  dataUpdateEffectiveAffinity, Genirq, handleEdgeIrq, IRQ_SET_MASK, type IrqChip, type IrqData, type LinuxVersion, type MsiMsg,
} from '@irqchip/genirq-core';
import {
  DOMAIN_BUS, IrqDomains, irqDomainFreeIrqsParent, irqDomainGetIrqData, irqDomainSetInfo, ofFwnode, type FwNode, type IrqDomain, type IrqDomainOps,
} from '@irqchip/irqdomain';
import { CpuMask, IrqError, Smp, type Errno } from '@irqchip/smp';
import {
  MSI_CHIP_FLAG, MSI_FLAG, MSI_GENERIC_FLAGS_MASK, msiCreateParentIrqDomain, msiLibInitDevMsiInfo, msiLibIrqDomainSelect,
  PCI_MSIX_ENTRY, type MsiDevice, type MsiDomainTemplate, type MsiParentOps, type MsiPort, type MsixPort,
} from '../src/index.ts';

export interface BenchOptions {
  nrCpus?: number;
  linux?: LinuxVersion;
  ops?: Partial<MsiParentOps>;
  /** Interrupts that the parent can give. */
  capacity?: number;
}

/** A machine with an MSI parent: vectors 16 and up, on the lowest CPU of the mask; messages to page `cpu`. */
export class Bench {
  readonly smp: Smp;
  readonly genirq: Genirq;
  readonly domains: IrqDomains;
  readonly node: FwNode = ofFwnode('/soc/msi@28000000');
  readonly parent: IrqDomain;
  /** What the parent's chip and domain were asked for. */
  readonly calls: string[] = [];
  readonly parentOps: MsiParentOps;
  /** What the parent answers when it moved an interrupt. */
  moved: number = IRQ_SET_MASK.OK;
  capacity: number;
  readonly vectors = new Set<number>();

  constructor({ nrCpus = 4, linux = '7.2', ops = {}, capacity = 64 }: BenchOptions = {}) {
    this.smp = new Smp({ nrCpus });
    for (const cpu of this.smp.cpus.possible) this.smp.cpus.online.set(cpu);
    this.genirq = new Genirq(this.smp, { linux });
    this.domains = new IrqDomains(this.genirq);
    this.capacity = capacity;
    this.parentOps = { ...PARENT_OPS, ...ops };
    this.parent = msiCreateParentIrqDomain(this.domains, { fwnode: this.node, ops: this.ops() }, this.parentOps);
  }

  private ops(): IrqDomainOps {
    const { calls, smp } = this;
    const note = (what: string, data: IrqData): void => void calls.push(`${what} ${data.hwirq}`);
    const chip: IrqChip = {
      name: 'PARENT',
      irqAck: (data) => note('ack', data),
      irqMask: (data) => note('mask', data),
      irqUnmask: (data) => note('unmask', data),
      irqComposeMsiMsg: (data, msg) => Object.assign(msg, { addressLo: 0x1000 * (data.common.effectiveAffinity.first() + 1), addressHi: 0, data: data.hwirq }),
      irqSetAffinity: (data, mask) => {
        note(`affinity ${mask.toList()}`, data);
        dataUpdateEffectiveAffinity(data, CpuMask.of(mask.size, mask.first()));
        return this.moved;
      },
    };
    return {
      alloc: (domain, virq, nr) => {
        smp.faults.check('parent');
        if (this.vectors.size + nr > this.capacity) throw new IrqError('ENOSPC', 'The test\'s parent has no vector left.');
        for (let i = 0; i < nr; i++) {
          let vector = 16;
          while (this.vectors.has(vector)) vector++;
          this.vectors.add(vector);
          irqDomainSetInfo(domain, virq + i, vector, chip, null, handleEdgeIrq, null, null);
          dataUpdateEffectiveAffinity(irqDomainGetIrqData(domain, virq + i)!, CpuMask.of(smp.cpus.nrCpuIds, 0));
        }
      },
      free: (domain, virq, nr) => {
        for (let i = 0; i < nr; i++) this.vectors.delete(irqDomainGetIrqData(domain, virq + i)!.hwirq);
        irqDomainFreeIrqsParent(domain, virq, nr);
      },
      activate: (_domain, data) => note('activate', data),
      deactivate: (_domain, data) => note('deactivate', data),
      select: msiLibIrqDomainSelect,
    };
  }

  /** Everything that an allocation could leave behind. */
  state(dev?: MsiDevice): object {
    const data = dev?.msi.data;
    return {
      irqs: [...this.genirq.descs].length,
      vectors: [...this.vectors],
      domains: this.domains.list.map(({ name, mapcount, tree }) => [name, mapcount, tree.size]),
      fwnodes: [...this.domains.liveFwnodes].map(({ name }) => name),
      stores: data?.domains.map(({ domain, store }) => [domain?.name, store.filter((desc) => desc !== undefined).map(({ msiIndex, irq, sysfs }) => [msiIndex, irq, sysfs])]) ?? [[undefined, []], [undefined, []]],
    };
  }

  log(part: string): string[] {
    return this.smp.log.records.map(({ text }) => text).filter((text) => text.includes(part));
  }

  /** Messages of the open findings, which are thereby taken. */
  warnings(): string[] {
    return this.smp.diagnostics.take().map(({ message }) => message);
  }
}

export const PARENT_OPS: MsiParentOps = {
  supportedFlags: MSI_GENERIC_FLAGS_MASK | MSI_FLAG.PCI_MSIX | MSI_FLAG.MULTI_PCI_MSI,
  requiredFlags: MSI_FLAG.USE_DEF_DOM_OPS | MSI_FLAG.USE_DEF_CHIP_OPS | MSI_FLAG.PCI_MSI_MASK_PARENT,
  chipFlags: MSI_CHIP_FLAG.SET_ACK,
  busSelectToken: DOMAIN_BUS.NEXUS,
  busSelectMask: (1 << DOMAIN_BUS.PCI_MSI) | (1 << DOMAIN_BUS.PLATFORM_MSI),
  initDevMsiInfo: msiLibInitDevMsiInfo,
};

/** A plain device's template; `written` gets its messages. */
export function plainTemplate(written: string[] = [], more: Partial<MsiDomainTemplate> = {}): MsiDomainTemplate {
  return {
    chip: {
      name: 'pMSI',
      irqMask: ({ hwirq }) => void written.push(`mask ${hwirq}`),
      irqUnmask: ({ hwirq }) => void written.push(`unmask ${hwirq}`),
      irqWriteMsiMsg: ({ hwirq }, msg) => void written.push(`${hwirq}: ${showMsg(msg)}`),
    },
    ops: { setDesc: (arg, desc) => { arg.desc = desc; arg.hwirq = desc.msiIndex; } },
    info: { busToken: DOMAIN_BUS.DEVICE_MSI },
    ...more,
  };
}

export function showMsg({ addressHi, addressLo, data }: Readonly<MsiMsg>): string {
  return [addressHi, addressLo, data].map((word) => word.toString(16)).join(' ');
}

/** A device's MSI-X table as memory, all entries masked, with what was done to it. */
export class FakeMsix implements MsixPort {
  readonly words: Uint32Array;
  readonly log: string[] = [];
  control = '';
  constructor(readonly tableSize: number) {
    this.words = new Uint32Array(tableSize * 4);
    for (let i = 0; i < tableSize; i++) this.words[i * 4 + 3] = PCI_MSIX_ENTRY.CTRL_MASKBIT;
  }
  readl(offset: number): number { return this.words[offset >> 2]!; }
  writel(offset: number, value: number): void {
    if (offset >= this.tableSize * 16) throw new Error(`the table has no offset ${offset}`);
    this.words[offset >> 2] = value;
    this.log.push(`${['lo', 'hi', 'data', 'ctrl'][(offset >> 2) & 3]}[${offset >> 4}]=${value.toString(16)}`);
  }
  setControl(enable: boolean, maskAll: boolean): void {
    this.control = `${enable ? 'on' : 'off'}${maskAll ? ', masked' : ''}`;
    this.log.push(this.control);
  }
  entry(i: number): string { return [...this.words.subarray(i * 4, i * 4 + 4)].map((word) => word.toString(16)).join(' '); }
}

export class FakeMsi implements MsiPort {
  readonly log: string[] = [];
  constructor(readonly nrVectors: number, readonly canMask = true) {}
  setEnable(enable: boolean): void { this.log.push(enable ? 'on' : 'off'); }
  writeMask(bits: number): void { this.log.push(`mask ${(bits >>> 0).toString(16)}`); }
  writeMsg(msg: Readonly<MsiMsg>, nr: number): void { this.log.push(`msg ${showMsg(msg)} x${nr}`); }
}

/** The code that `fn` throws, undefined if it does not throw. */
export function codeOf(fn: () => unknown): Errno | undefined {
  try {
    fn();
  } catch (error) {
    if (error instanceof IrqError) return error.code;
    throw error;
  }
  return undefined;
}

/** The sites that `fn` asks for memory at, each as often as it does. */
export function sitesOf(smp: Smp, fn: () => void): [site: string, after: number][] {
  smp.faults.record = true;
  const from = smp.faults.asked.length;
  fn();
  smp.faults.record = false;
  const seen = new Map<string, number>();
  return smp.faults.asked.slice(from).map((site) => {
    const after = seen.get(site) ?? 0;
    seen.set(site, after + 1);
    return [site, after];
  });
}

/** The files of a recorded debugfs tree by name, as `domains/default`. */
export function debugFiles(path: string): Map<string, string> {
  const text = readFileSync(new URL(`../../../testdata/linux/${path}`, import.meta.url), 'utf8');
  return new Map(text.split(/^==> /m).slice(1).map((part) => part.split(' <==\n') as [string, string]));
}
