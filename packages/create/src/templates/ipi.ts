import { camel, pascal } from '../names.ts';
import type { DriverSpec } from '../options.ts';
import type { Parts } from './parts.ts';

/** A doorbell a hart, for the IPI multiplexer. */
export function ipiParts(spec: DriverSpec): Parts {
  return { registers: registers(spec), driver: driver(spec), model: model(spec), suite: suite(spec), says: SAYS, uses: ['cpuhp', 'genirq-core', 'ipi-mux', 'irqdomain', 'smp'] };
}

const SAYS = 'Each hart has a doorbell, in the order of `interrupts-extended`; the multiplexer makes the eight IPIs of the kernel from it.';

function registers({ compatible }: DriverSpec): string {
  return `// ${compatible}: what its data sheet says. The driver and the model share this file and nothing else.
export const STRIDE = 0x8; // a row of registers for each entry of interrupts-extended
export const RING = 0x0; // write: interrupts that entry's hart
export const ANSWER = 0x4; // read: 1 if it was rung; takes the interrupt back
`;
}

function driver({ name, compatible }: DriverSpec): string {
  return `// ${compatible}: a doorbell for each hart, which the IPI multiplexer shares out.
import { CPUHP } from '@irqchip/cpuhp';
import { chainedIrqEnter, chainedIrqExit, enablePercpuIrq, IRQ_TYPE, setChainedHandler, type IrqDesc } from '@irqchip/genirq-core';
import { IPI_MUX } from '@irqchip/ipi-mux';
import { defineIrqchip, type IrqchipDriver } from '@irqchip/irqdomain';
import { HARTS, ofProcessorHartid, RISCV_IPI } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import { ANSWER, RING, STRIDE } from './registers.ts';

export const ${camel(name)}: IrqchipDriver = defineIrqchip(
  { compatible: '${compatible}', services: [HARTS, IPI_MUX, RISCV_IPI, CPUHP] },
  ({ node, genirq, smp, regs, parents, parentIrq }, harts, muxes, ipi, cpuhp) => {
    const rowOf: number[] = []; // by CPU: hartids are neither CPU numbers nor rows
    parents.forEach(({ node }, row) => { rowOf[harts.hartidToCpuid(ofProcessorHartid(node.parent!)!)] = row; });
    const without = harts.hartids.findIndex((_, cpu) => rowOf[cpu] === undefined);
    if (without >= 0) throw new IrqError('ENODEV', \`\${node.path}: interrupts-extended has no entry for CPU\${without}, so nobody could ring it.\`);
    const { virq } = parentIrq(rowOf[0]!); // the boot CPU's; per-CPU, so it is every CPU's
    const mux = muxes.create({ nrIpi: 8, send: (cpu) => regs.writel(rowOf[cpu]! * STRIDE + RING, 1) });
    function ${camel(name)}Handle(desc: IrqDesc): void { // debugfs and dumps print its name
      chainedIrqEnter(desc.irqData.chip, desc);
      if (regs.readl(rowOf[smp.cpus.current]! * STRIDE + ANSWER) !== 0) mux.process();
      chainedIrqExit(desc.irqData.chip, desc);
    }
    setChainedHandler(genirq, virq, ${camel(name)}Handle);
    // SBI's state, which is free where another provides the IPIs: in the kernel, a driver adds its own to cpuhotplug.h.
    const ${camel(name)}StartingCpu = (): void => enablePercpuIrq(genirq, virq, IRQ_TYPE.NONE);
    cpuhp.setupState('CPUHP_AP_IRQ_RISCV_SBI_IPI_STARTING', 'irqchip/${name}:starting', ${camel(name)}StartingCpu, null);
    ipi.setVirqRange(mux.virq, 8);
  },
);
`;
}

function model({ name, compatible }: DriverSpec): string {
  return `import type { HardwareContext, HardwareInstance, HardwareModel } from '@irqchip/riscv';
import { ANSWER, RING, STRIDE } from '../src/registers.ts';

/** ${compatible}, by its data sheet: a wire to each hart, up from the ring to the answer. */
export class ${pascal(name)}Hardware implements HardwareModel {
  readonly compatible = ['${compatible}'];

  create({ output, targets }: HardwareContext): HardwareInstance {
    const rung = targets.map(() => false);
    const drive = (row: number, level: boolean): void => {
      if (row >= targets.length) return;
      rung[row] = level;
      output(level, row);
    };
    return {
      devices: [{
        read: (offset) => {
          const row = Math.floor(offset / STRIDE);
          const was = offset % STRIDE === ANSWER && rung[row] === true;
          if (was) drive(row, false);
          return Number(was);
        },
        write: (offset) => { if (offset % STRIDE === RING) drive(Math.floor(offset / STRIDE), true); },
      }],
    };
  }
}
`;
}

function suite({ name, compatible }: DriverSpec): string {
  const [variable, type] = [camel(name), pascal(name)];
  return `import { irqchipModule } from '@irqchip/irqdomain/di';
import { bench, irqchipConformance } from '@irqchip/testkit';
import { ${type}Hardware } from '../hardware/${name}.ts';
import { ${variable} } from '../src/${name}.ts';

const driver = { modules: [irqchipModule(${variable})], compatible: '${compatible}', hardware: () => new ${type}Hardware(), harts: 'all' } as const;

irqchipConformance({ ...driver, kind: 'ipi' });

test('CPU 0 has CPU 1 run something, by one ring of its bell', () => {
  const { machine, on, registers } = bench({ ...driver, cpus: 2 });
  const ran: number[] = [];
  const before = registers.length;
  on(0, () => machine.ipi.smpCallFunctionSingle(1, () => ran.push(machine.smp.cpus.current)));
  expect(ran).toEqual([1]);
  expect(registers.slice(before).map(({ op, cpu }) => \`\${op} by CPU\${cpu}\`)).toEqual(['write by CPU0', 'read by CPU1']);
});
`;
}
