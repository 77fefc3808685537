import type { DeviceTree } from '@irqchip/devicetree';
import { CSR_STIMECMP, CSR_TIME, Harts, type HardwareInstance, type Sbi } from '@irqchip/riscv';
import { AscendingSchedule, type Board, fixUpForSupervisor, MachineClock, readBoard, resizeBoard } from '@irqchip/board';
import {
  Bus, firmwareNodes, Hart, leaveControllers, MachineCsr, MachineLines, makeFirmware, Pins, scramble, Stimecmp, TimeCsr, Wires,
} from '@irqchip/board/internals';
import { CpuMask, Smp } from '@irqchip/smp';
import { driverModules, resolveServices, type Services } from '../di.ts';
import type { MachineOptions } from '../machine.ts';
import { Runner } from '../schedule/runner.ts';
import { buildHardware } from './hardware.ts';
import { hardwareModels } from './models.ts';
import { RiscvHotplug } from './hotplug.ts';
import { Prober } from './probe.ts';

/** The parts of a machine, wired but not booted. */
export interface Assembly {
  readonly tree: DeviceTree;
  readonly board: Board;
  readonly smp: Smp;
  readonly clock: MachineClock;
  readonly harts: Harts;
  readonly sbi: Sbi;
  readonly runner: Runner;
  readonly services: Services;
  readonly models: ReadonlyMap<string, HardwareInstance>;
  readonly prober: Prober;
  readonly wires: Wires;
  readonly bus: Bus;
  /** Lets so many ns go by during boot. */
  readonly pass: (ns: number) => void;
}

/** Bits that the kernel sees and may write in its pending register, per mode (privileged architecture 3.1.9, 4.1.3); 16 and up are the platform's. */
const VISIBLE = { S: 0xffff2222, M: 0xffff2aaa };
const WRITABLE = { S: 1 << 1, M: (1 << 1) | (1 << 5) | (1 << 9) };

export function assemble(given: DeviceTree, options: MachineOptions): Assembly {
  const { mode = 'S', linux = '6.12' } = options;
  const sized = options.cpus === undefined ? given : resizeBoard(given, options.cpus);
  const tree = mode === 'S' ? fixUpForSupervisor(sized) : sized;
  const board = readBoard(tree, { mode, ...(options.bootHart === undefined ? {} : { bootHart: options.bootHart }) });
  const clock = new MachineClock(board.timebaseHz);
  const smp = new Smp({ nrCpus: board.harts.length, clock, ...(options.memory ? { memory: options.memory } : {}) });
  const hartids = board.harts.map(({ hartid }) => hartid);
  const harts = new Harts({ mode, xlen: board.xlen, hartids, aia: board.aia, timebaseHz: board.timebaseHz });
  // The runner needs the interrupt core, which needs ports that need harts: harts learn of the runner last.
  const late: { runner: Runner | null } = { runner: null };
  const hardware = hartids.map((hartid, cpu) =>
    new Hart(hartid, harts.csr, VISIBLE[mode], WRITABLE[mode], (hart) => late.runner?.changed(cpu, hart)));
  hardware[0]!.halted = false;
  for (const hart of hardware) {
    hart.attach(CSR_TIME, new TimeCsr(clock));
    if (board.sstc) hart.attach(CSR_STIMECMP, new Stimecmp(hart, clock));
  }
  const lines = new MachineLines(hardware);
  const bus = new Bus(smp.cpus, options.hardware?.flatMap(({ compatible }) => compatible));
  const pins = new Pins();
  const models = buildHardware({
    tree, bus, pins, report: (text) => { smp.diagnostics.report('wiring', text); }, lines, clock, hartids, xlen: board.xlen,
    models: [...(options.hardware ?? []), ...hardwareModels],
    switches: options.hardwareOptions ?? {},
    hidden: mode === 'S' ? firmwareNodes(tree) : new Set(),
  });
  if (mode === 'S') leaveControllers(tree, bus);
  if (mode === 'S' && options.scramble !== undefined) scramble(tree, bus, hardware, options.scramble);
  const firmware = makeFirmware({ smp, harts, lines, clock, start: (cpu) => hotplug.secondaryStart(cpu) });
  const services = resolveServices(
    { smp, harts, csr: new MachineCsr(smp.cpus, hardware), sbi: firmware, linux, numa: options.numa ?? linux === '6.12', cpumaskOfNode: nodeMasks(board) },
    { own: options.modules ?? [], drivers: options.bare ? [] : driverModules(mode) },
  );
  const { genirq, cpuhp, ipi } = services;
  if (options.stormLimit !== undefined) genirq.threads.limit = options.stormLimit;
  const runner = new Runner(smp.cpus, genirq, hardware, options.schedule ?? new AscendingSchedule(), options.stormLimit);
  late.runner = runner;
  bus.meter = runner;
  smp.cpus.attach(runner);
  const hotplug = new RiscvHotplug(smp, genirq, cpuhp, harts, hardware, ipi, firmware);
  cpuhp.attach(hotplug);
  ipi.attach({ stop: (cpu) => park(hardware[cpu]!), crashStop: (cpu) => park(hardware[cpu]!) });
  return {
    tree, board, smp, clock, harts, sbi: firmware, runner, services, models,
    prober: new Prober(tree, services.domains, bus), wires: new Wires(tree, models, pins, smp.cpus), bus,
    pass: (ns) => clock.advanceTo(clock.nowNs() + ns, () => runner.settle()),
  };
}

/** The CPUs of each NUMA node of the board. @kernel cpumask_of_node (of a board) */
function nodeMasks({ harts }: Board): (node: number) => CpuMask | null {
  const masks = new Map<number, CpuMask>();
  harts.forEach(({ numaNode }, cpu) => {
    const mask = masks.get(numaNode) ?? new CpuMask(harts.length);
    mask.set(cpu);
    masks.set(numaNode, mask);
  });
  return (node) => masks.get(node) ?? null;
}

/** A CPU that was told to stop runs nothing more. */
function park(hart: Hart): void {
  hart.halted = true;
}
