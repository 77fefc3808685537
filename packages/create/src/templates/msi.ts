import { camel, maskText, pascal } from '../names.ts';
import type { DriverSpec } from '../options.ts';
import type { Parts } from './parts.ts';

/** Messages of devices, on one parent interrupt. */
export function msiParts(spec: DriverSpec): Parts {
  return { registers: registers(spec), driver: driver(spec), model: model(spec), suite: suite(spec), says: SAYS, uses: ['irqdomain', 'msi'] };
}

const SAYS = 'Devices that name it as their `msi-parent` write a number to its doorbell; each number is one of their interrupts, an edge.';

function registers({ compatible, lines }: DriverSpec): string {
  return `// ${compatible}: what its data sheet says. The driver and the model share this file and nothing else.
export const MESSAGES = ${lines}; // 1 to ${lines}; others are ignored
export const ALL = ${maskText(lines)}; // a bit per message, message 1 in bit 0
export const ENABLE = 0x0; // one bit per message, 1 = delivered
export const PENDING = 0x4; // one bit per message, write 1 to clear
export const DOORBELL = 0x8; // devices write the number of a message
`;
}

function driver({ name, compatible, lines }: DriverSpec): string {
  return `// ${compatible}: an MSI parent of ${lines} message${lines === 1 ? '' : 's'}, on one parent interrupt.
import {
  bits, defineIrqchip, DOMAIN_BUS, genericHandleDomainIrq, handleEdgeIrq, IrqError, irqDomainGetIrqData, irqDomainSetInfo,
  type IrqChip, type IrqchipDriver,
} from '@irqchip/irqdomain';
import {
  MSI_CHIP_FLAG, MSI_FLAG, MSI_GENERIC_FLAGS_MASK, msiCreateParentIrqDomain, msiLibInitDevMsiInfo, msiLibIrqDomainSelect,
} from '@irqchip/msi';
import { DOORBELL, ENABLE, MESSAGES, PENDING } from './registers.ts';

export const ${camel(name)}: IrqchipDriver = defineIrqchip('${compatible}', ({ domains, fwnode, regs, parent }) => {
  const doorbell = regs.base + DOORBELL;
  const [addressHi, addressLo] = [Math.floor(doorbell / 2 ** 32), doorbell >>> 0];
  const chip: IrqChip = {
    name: '${name}',
    irqAck: ({ hwirq }) => regs.writel(PENDING, 1 << hwirq),
    irqMask: ({ hwirq }) => regs.clearl(ENABLE, 1 << hwirq),
    irqUnmask: ({ hwirq }) => regs.setl(ENABLE, 1 << hwirq),
    irqComposeMsiMsg: ({ hwirq }, msg) => Object.assign(msg, { addressHi, addressLo, data: hwirq + 1 }),
  };
  const taken: boolean[] = new Array<boolean>(MESSAGES).fill(false);
  regs.writel(ENABLE, 0); // firmware may have left messages on
  const domain = msiCreateParentIrqDomain(domains, {
    fwnode, size: MESSAGES,
    ops: {
      select: msiLibIrqDomainSelect,
      alloc: (own, virq) => {
        const hwirq = taken.indexOf(false);
        if (hwirq < 0) throw new IrqError('ENOSPC', \`All \${MESSAGES} messages of \${fwnode.path} are in use.\`);
        taken[hwirq] = true;
        irqDomainSetInfo(own, virq, hwirq, chip, null, handleEdgeIrq, null, null);
      },
      free: (own, virq) => { taken[irqDomainGetIrqData(own, virq)!.hwirq] = false; },
    },
  }, {
    // What devices may use: MSI-X, or one message by plain MSI (several, MULTI_PCI_MSI, would have to be a block of numbers).
    supportedFlags: MSI_GENERIC_FLAGS_MASK | MSI_FLAG.PCI_MSIX,
    // What they get: the stock operations and callbacks, a mask here besides the device's own, and no choice of CPU.
    requiredFlags: MSI_FLAG.USE_DEF_DOM_OPS | MSI_FLAG.USE_DEF_CHIP_OPS | MSI_FLAG.PCI_MSI_MASK_PARENT | MSI_FLAG.NO_AFFINITY,
    chipFlags: MSI_CHIP_FLAG.SET_ACK, // their flow is handleEdgeIrq: their chips acknowledge at this one
    busSelectToken: DOMAIN_BUS.NEXUS, // what this domain is: a parent of whatever comes
    busSelectMask: 1 << DOMAIN_BUS.PCI_MSI, // and what it is found as, besides: by PCI devices
    initDevMsiInfo: msiLibInitDevMsiInfo, // holds a device's wishes against all that
  });
  parent.chain(() => {
    for (const hwirq of bits(regs.readl(PENDING) & regs.readl(ENABLE))) genericHandleDomainIrq(domain, hwirq);
  });
});
`;
}

function model({ name, compatible }: DriverSpec): string {
  return `import type { HardwareContext, HardwareInstance, HardwareModel } from '@irqchip/riscv';
import { ALL, DOORBELL, ENABLE, MESSAGES, PENDING } from '../src/registers.ts';

/** ${compatible}, by its data sheet: a doorbell for devices, and one output. */
export class ${pascal(name)}Hardware implements HardwareModel {
  readonly compatible = ['${compatible}'];

  create({ output }: HardwareContext): HardwareInstance {
    let [enable, pending] = [0, 0];
    return {
      devices: [{
        read: (offset) => (offset === ENABLE ? enable : offset === PENDING ? pending : 0),
        write: (offset, _width, value) => {
          if (offset === ENABLE) enable = value & ALL;
          if (offset === PENDING) pending &= ~value;
          if (offset === DOORBELL && value >= 1 && value <= MESSAGES) pending |= 1 << (value - 1);
          output((enable & pending) !== 0);
        },
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
import { DOORBELL, MESSAGES } from '../src/registers.ts';

const driver = { modules: [irqchipModule(${variable})], compatible: '${compatible}', hardware: () => new ${type}Hardware() };

irqchipConformance({ ...driver, kind: 'msi', lines: MESSAGES, vectors: MESSAGES, affinity: false });

test('a device writes the number of its message to the doorbell', () => {
  const { request, pulse, messages } = bench({ ...driver, messages: 1 });
  const first = request(0);
  expect(messages!.message(0)).toEqual({ address: 0x10000000 + DOORBELL, data: 1 });
  pulse(0);
  expect(first.fired).toBe(1);
});
`;
}
