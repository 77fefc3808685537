import { SbiFirmware, type HartEntry } from '@irqchip/drivers-sbi/hardware';

const events: string[] = [];
const firmware = new SbiFirmware({
  pendSoft: (hartid) => { events.push(`SSIP of hart ${hartid}`); },
  clearSoft: () => false,
  setTimer: (hartid, ticks) => { events.push(`timer of hart ${hartid} at ${ticks}`); },
  start: (hartid, { addr, opaque }: HartEntry) => { events.push(`hart ${hartid} starts at 0x${addr.toString(16)}, a1 ${opaque}`); },
  stop: (hartid) => { events.push(`hart ${hartid} stops`); },
}, { hartids: [0, 1, 4] });

const HSM = 0x48534d;
const IPI = 0x735049;
const TIME = 0x54494d45;

const sbi = firmware.forHart(0);
sbi.ecall(HSM, 0, 4, 0x80200000, 42); // start hart 4
sbi.ecall(IPI, 0, 0b10001, 0); // harts 0 and 4
sbi.ecall(TIME, 0, 5000);
const error = sbi.ecall(IPI, 0, 1, 2); // there is no hart 2: INVALID_PARAM

export { error, events };
