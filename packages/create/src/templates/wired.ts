import { camel, maskText, pascal } from '../names.ts';
import type { DriverSpec } from '../options.ts';
import type { Parts } from './parts.ts';

/** Wired lines on one parent interrupt. */
export function wiredParts(spec: DriverSpec): Parts {
  return { registers: registers(spec), driver: driver(spec), model: model(spec), suite: suite(spec), says: says(spec), uses: spec.trigger === 'edge' ? ['irqdomain'] : ['genirq-core', 'irqdomain'] };
}

function says({ trigger }: DriverSpec): string {
  return trigger === 'edge'
    ? 'Its lines are edges, which the controller remembers until `irqAck`; a specifier is one cell, the line.'
    : `Its lines are levels, high for as long as a device wants attention; a specifier is two cells, the line and its type, of which
\`irqSetType\` takes one: 4, level high.`;
}

function registers({ compatible, lines, trigger }: DriverSpec): string {
  const pending = trigger === 'edge' ? 'one bit per line, set by a rising edge, write 1 to clear' : 'one bit per line, set while the line is high';
  return `// ${compatible}: what its data sheet says. The driver and the model share this file and nothing else.
export const LINES = ${lines};
export const ALL = ${maskText(lines)}; // a bit per line
export const ENABLE = 0x0; // one bit per line, 1 = delivered
export const PENDING = 0x4; // ${pending}
`;
}

function driver({ name, compatible, lines, trigger }: DriverSpec): string {
  const edge = trigger === 'edge';
  const flow = edge ? 'handleEdgeIrq' : 'handleLevelIrq';
  const set = `    irqSetType: ({ hwirq }, type) => {
      if (type !== IRQ_TYPE.LEVEL_HIGH) throw new IrqError('EINVAL', \`${name} line \${hwirq} is active high: its specifier is <\${hwirq} 4>.\`);
      return IRQ_SET_MASK.OK;
    },
`;
  return `// ${compatible}: ${lines} ${trigger} line${lines === 1 ? '' : 's'} on one parent interrupt.
${edge ? '' : 'import { IRQ_SET_MASK, IRQ_TYPE } from \'@irqchip/genirq-core\';\n'}import { bits, defineIrqchip, ${flow}, ${edge ? '' : 'IrqError, '}type IrqChip, type IrqchipDriver } from '@irqchip/irqdomain';
import { ENABLE, LINES, PENDING } from './registers.ts';

export const ${camel(name)}: IrqchipDriver = defineIrqchip('${compatible}', ({ regs, parent, linear }) => {
  const chip: IrqChip = {
    name: '${name}',
${edge ? '    irqAck: ({ hwirq }) => regs.writel(PENDING, 1 << hwirq),\n' : ''}    irqMask: ({ hwirq }) => regs.clearl(ENABLE, 1 << hwirq),
    irqUnmask: ({ hwirq }) => regs.setl(ENABLE, 1 << hwirq),
${edge ? '' : set}  };
  regs.writel(ENABLE, 0); // firmware may have left lines on
  const lines = linear(LINES, chip, ${flow});
  parent.chain(() => {
    for (const hwirq of bits(regs.readl(PENDING) & regs.readl(ENABLE))) lines.handle(hwirq);
  });
  return lines;
});
`;
}

function model({ name, compatible, trigger }: DriverSpec): string {
  const edge = trigger === 'edge';
  return `import type { HardwareContext, HardwareInstance, HardwareModel } from '@irqchip/riscv';
import { ALL, ENABLE, PENDING } from '../src/registers.ts';

/** ${compatible}, by its data sheet: ${edge ? 'inputs that remember rising edges' : 'inputs'}, and one output. */
export class ${pascal(name)}Hardware implements HardwareModel {
  readonly compatible = ['${compatible}'];

  create({ output }: HardwareContext): HardwareInstance {
    let [enable, inputs${edge ? ', pending' : ''}] = [0, 0${edge ? ', 0' : ''}];
    const changed = (): void => output((enable & ${edge ? 'pending' : 'inputs'}) !== 0);
    return {
      devices: [{
        read: (offset) => (offset === ENABLE ? enable : offset === PENDING ? ${edge ? 'pending' : 'inputs'} : 0),
        write: (offset, _width, value) => {
          if (offset === ENABLE) enable = value & ALL;
${edge ? '          if (offset === PENDING) pending &= ~value;\n' : ''}          changed();
        },
      }],
      setInput: (line, level) => {
        const bit = (1 << line) & ALL;
${edge ? '        if (level) pending |= bit & ~inputs;\n' : ''}        inputs = level ? inputs | bit : inputs & ~bit;
        changed();
      },
    };
  }
}
`;
}

function suite({ name, compatible, trigger }: DriverSpec): string {
  const [variable, type] = [camel(name), pascal(name)];
  const own = trigger === 'edge'
    ? `test('an edge during its own handler is replayed exactly once', () => {
  const { hw, request, procInterrupts } = bench(driver);
  let runs = 0;
  request(0, () => { if (++runs === 1) hw.pulse(0); });
  hw.pulse(0);
  expect(runs).toBe(2);
  expect(procInterrupts()).toMatch(/${name} +0 Edge +line0/);
});`
    : `test('a level is handled until its device is content', () => {
  const { hw, request, procInterrupts } = bench(driver);
  let runs = 0;
  request(0, () => { if (++runs === 2) hw.lower(0); });
  hw.hold(0);
  expect(runs).toBe(2);
  expect(procInterrupts()).toMatch(/${name} +0 Level +line0/);
});`;
  const options = trigger === 'edge'
    ? ' ...driver, lines: LINES, triggers: [\'edge\'] '
    : `
  ...driver, lines: LINES, triggers: ['level'],
  types: { accepted: [IRQ_TYPE.LEVEL_HIGH], refused: [IRQ_TYPE.EDGE_RISING, IRQ_TYPE.LEVEL_LOW] },
`;
  return `${trigger === 'edge' ? '' : 'import { IRQ_TYPE } from \'@irqchip/genirq-core\';\n'}import { irqchipModule } from '@irqchip/irqdomain/di';
import { bench, irqchipConformance } from '@irqchip/testkit';
import { ${type}Hardware } from '../hardware/${name}.ts';
import { ${variable} } from '../src/${name}.ts';
import { LINES } from '../src/registers.ts';

const driver = {
  modules: [irqchipModule(${variable})], compatible: '${compatible}', hardware: () => new ${type}Hardware(),${trigger === 'edge' ? '' : ' cells: 2, trigger: IRQ_TYPE.LEVEL_HIGH,'}
} as const;

irqchipConformance({${options}});

${own}
`;
}
