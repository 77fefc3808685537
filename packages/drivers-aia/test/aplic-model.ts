import type { HardwareContext } from '@irqchip/riscv';
import { FakeNode, type Property } from '@irqchip/test-support';
import { AplicHardware, type AplicOptions as ModelOptions } from '../hardware/index.ts';
import type { AplicBench, AplicNode, AplicOptions } from './aplic-bench.ts';
import { AplicMsiBench } from './aplic-msi-bench.ts';

export interface ModelledAplic { readonly node: AplicNode; readonly hw: AplicHardware }

/** A node in front of the register model of a supervisor's domain: strict, unless `model` says otherwise. */
export function modelled(bench: AplicBench, model: ModelOptions = {}, { base = 0xd000000, parents, ...rest }: AplicOptions = {}): ModelledAplic {
  const { harts, lines } = bench.m;
  const imsic = bench instanceof AplicMsiBench ? bench.imsic : null;
  const entries = imsic ? [] : parents ?? harts.hartids.map((_, cpu) => ({ cpu, irq: harts.irq.ext }));
  const properties: Record<string, Property> = { compatible: 'riscv,aplic', 'riscv,num-sources': 96, ...rest.properties, ...(imsic && { 'msi-parent': 10 }) };
  const soc = new FakeNode('/soc', null);
  const file = new FakeNode('/soc/imsic', soc, { compatible: 'riscv,imsics', phandle: 10 });
  const context: HardwareContext = {
    node: new FakeNode(`/soc/interrupt-controller@${base.toString(16)}`, Object.assign(soc, { children: [file] }), properties),
    regions: [{ base, size: 0x8000 }],
    targets: entries.map(({ cpu, irq }) => ({ hartid: harts.cpuidToHartid(cpu), irq })),
    lines,
    hartids: harts.hartids,
    clock: { nowNs: () => bench.m.nowNs, timebaseHz: 10_000_000, at: () => () => undefined },
    output: () => undefined, dma: { write32: (address, value) => (imsic ? message(imsic, address, value) : false) },
    peer: (path) => (path === file.path && imsic ? imsic.hw : null),
    xlen: harts.xlen,
    options: { ...model },
  };
  const hw = new AplicHardware(context);
  return { hw, node: bench.node({ base, ...(imsic ? {} : { parents: entries }), ...rest, device: hw }) };
}

function message({ ctx, hw }: AplicMsiBench['imsic'], address: number, value: number): boolean {
  const i = ctx.regions.findIndex(({ base, size }) => address >= base && address < base + size);
  if (i < 0) return false;
  hw.devices[i]!.write(address - ctx.regions[i]!.base, 4, value);
  return true;
}
