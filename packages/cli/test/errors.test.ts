import type { DeviceTree } from '@irqchip/devicetree';
import { defineIrqchip } from '@irqchip/irqdomain';
import { irqchipModule } from '@irqchip/irqdomain/di';
import { serviceToken } from '@irqchip/smp';
import { board, boardFile, dts, irqchip, withFile, without, type Outcome } from './terminal.ts';

/** The multiplexer's service, by name: the command knows no more of it. */
const IPI_MUX = serviceToken<{ create(contract: { nrIpi: number; send: (cpu: number) => void }): unknown }>('ipi-mux', 'IpiMuxes');

/** An M-mode interrupt provider for two harts. */
const clint = (base: string, wires = '&intc0 3 &intc0 7 &intc1 3 &intc1 7', reg = `<0x${base} 0x10000>`): string =>
  `clint@${base} { compatible = "riscv,clint0"; reg = ${reg}; interrupts-extended = <${wires}>; };`;
const PIC = 'pic@10000000 { compatible = "acme,pic"; interrupt-controller; #interrupt-cells = <1>; };';
const IMSIC2 = 'linux-6.12-debugfs/imsic-smp2/linux-sees.dtb';

function boot(tree: DeviceTree | string, argv: readonly string[] = []): Outcome {
  return withFile(tree, (file) => irqchip(['boot', file, '--quiet', ...argv]));
}

const M = ['--mode', 'M'];

test('the boards of this file boot as they stand', () => {
  expect([boot(dts(2)), boot(dts(2, clint('2000000')), M), boot(board(IMSIC2))].map(({ status, err }) => [status, err])).toEqual([[0, ''], [0, ''], [0, '']]);
});

/** What is wrong, with what, and what the user reads. */
const SENTENCES: readonly (readonly [what: string, tree: DeviceTree | string, argv: readonly string[], sentence: RegExp])[] = [
  ['no interrupt controller at all', dts(2).replaceAll(' interrupt-controller; #', ' #'), [],
    /^irqchip: ENODEV: No interrupt controller found: .* No available node of the tree has the property interrupt-controller; each cpu node needs a child/],
  ['local controllers that no driver knows', dts(2).replaceAll('"riscv,cpu-intc"', '"acme,intc"'), [],
    /^irqchip: ENODEV: No interrupt controller found: .* \/cpus\/cpu@0\/interrupt-controller is compatible with acme,intc, for which there is no driver\./],
  ['a controller that no driver knows', dts(2, PIC), [],
    /^irqchip: undriven \(CPU0\): \/pic@10000000 is compatible with acme,pic, for which there is no driver; add a module that contributes one\.$/m],
  ['two providers of IPIs', dts(2, clint('2000000') + clint('3000000')), M,
    /^irqchip: probe \(CPU0\): clint: \/clint@3000000: .* IPIs come from \/clint@2000000 \(clint\) already: set the status of one of the two nodes to "disabled"/],
  ['no provider of IPIs', dts(2), M, /^irqchip: ENODEV: No driver provides IPIs on this machine, so its CPUs cannot call each other\.$/m],
  ['a provider without registers', dts(2, clint('2000000').replace(/reg = [^;]*;/, '')), M,
    /^irqchip: probe \(CPU0\): clint: \/clint@2000000 has no register region; give it a reg property\.$/m],
  ['a controller without #interrupt-cells', dts(2, clint('2000000')).replaceAll('#interrupt-cells = <1>;', ''), M,
    /^irqchip: EINVAL: \/clint@2000000: interrupts-extended cell 0 refers to \/cpus\/cpu@0\/interrupt-controller, which has no #interrupt-cells; add it there$/m],
  ['a specifier that is cut short', dts(2, clint('2000000', '&intc0 3 &intc0 7 &intc1')), M,
    /^irqchip: EINVAL: \/clint@2000000: interrupts-extended ends 1 cells short of the specifier for \/cpus\/cpu@1\/interrupt-controller at cell 4; complete it$/m],
  ['a cpu without reg', dts(2).replace('reg = <1>;', ''), [], /^irqchip: EINVAL: \/cpus\/cpu@1: unable to find hart id; reg must hold 1 cell\(s\)\.$/m],
  ['one hart described twice', dts(2).replace('reg = <1>;', 'reg = <0>;'), [], /^irqchip: EINVAL: \/cpus\/cpu@1: hart 0 is described twice\.$/m],
  ['no timebase', dts(1).replace(/timebase-frequency = <\d+>;/, ''), [], /^irqchip: EINVAL: \/cpus: timebase-frequency is missing; a RISC-V board must state it/],
  ['no CPUs', '/dts-v1/; / { };', [], /^irqchip: EINVAL: The device tree has no \/cpus node: is it the tree of a board\?$/m],
  ['a tree in no known format', '{}', [], /^irqchip: EINVAL: .{20}/],
  ['an IMSIC without riscv,num-ids', without(board(IMSIC2), 'riscv,imsics', 'riscv,num-ids'), [],
    /^irqchip: EINVAL: \/soc\/interrupt-controller@28000000: riscv,num-ids .* this node says nothing\.$/m],
  ['an IMSIC without wires', without(board(IMSIC2), 'riscv,imsics', 'interrupts-extended'), [],
    /^irqchip: probe \(CPU0\): riscv-imsic-early: \/soc\/interrupt-controller@28000000: no parent irqs available; interrupts-extended must begin with/m],
  ['a boot hart that is not there', dts(2), ['--boot-hart', '2'], /^irqchip: ENOENT: Boot hart 2 is not in the device tree; its harts are 0, 1\.$/m],
];

test.each(SENTENCES)('%s: a sentence of its own, exit status 1', (_what, tree, argv, sentence) => {
  const { status, err } = boot(tree, argv);
  expect(err).toMatch(sentence);
  expect(status).toBe(1);
});

test('a provider from outside that comes too late is named, and so is the cure', () => {
  const late = defineIrqchip({ name: 'acme-ipi', compatible: 'acme,ipi', stage: 'timer', services: [IPI_MUX] }, (_ctx, muxes) =>
    muxes.create({ nrIpi: 8, send: () => undefined }));
  const source = dts(2, `ipi@0 { compatible = "acme,ipi"; }; ${clint('2000000')}`);
  const { status, err } = withFile(source, (file) => irqchip(['boot', file, '--quiet', ...M], { modules: [irqchipModule(late)] }));
  expect(err).toMatch(/^irqchip: probe \(CPU0\): (acme-ipi|clint): (\/ipi@0|\/clint@2000000): This parent interrupt has an IPI mux already.* IPIs come from .* already: set the status of one of the two nodes/);
  expect(status).toBe(1);
});

test('after an IMSIC, a provider from outside is refused', () => {
  const late = defineIrqchip({ name: 'acme-ipi', compatible: 'ns16550a', stage: 'platform', services: [IPI_MUX] }, (_ctx, muxes) =>
    muxes.create({ nrIpi: 8, send: () => undefined }));
  const { status, err, out } = irqchip(['boot', boardFile(IMSIC2), '--quiet'], { modules: [irqchipModule(late)], hardware: [{ compatible: ['ns16550a'], create: () => ({ devices: [{ read: () => 0, write: () => undefined }] }) }] });
  expect(err).toMatch(/^irqchip: probe \(CPU0\): acme-ipi: \/soc\/serial@10000000: This parent interrupt has an IPI mux already.* IPIs come from \/soc\/interrupt-controller@28000000 \(riscv-imsic-early\) already/);
  expect(status).toBe(1);
  expect(out).toMatch(/ 0 lost$/m); // the first provider's IPIs are unharmed
});

const USAGE: readonly (readonly [argv: readonly string[], sentence: string])[] = [
  [['--cpus', '0'], "--cpus is a whole number from 1 to 4096, not '0'"],
  [['--cpus', '4097'], "--cpus is a whole number from 1 to 4096, not '4097'"],
  [['--cpus=-1'], "--cpus is a whole number from 1 to 4096, not '-1'"],
  [['--cpus', '-1'], '--cpus is followed by a dash, which begins the next option; give such a value as --cpus=VALUE'],
  [['--cpus'], "Option '--cpus <value>' argument missing"],
  [['--boot-hart', '0x1'], "--boot-hart is a whole number from 0 to 9007199254740991, not '0x1'"],
  [['--seed', ''], "--seed is a whole number from 0 to 4294967295, not ''"],
  [['--mode', 'U'], "--mode is S or M, not 'U'"],
  [['--linux', '5.18'], "--linux is 6.12 or 7.2, not '5.18'"],
  [['--frobnicate'], "Unknown option '--frobnicate'"],
  [['a.dtb', 'b.dtb'], 'boot takes one device tree, not 2: a.dtb b.dtb'],
];

test.each(USAGE)('boot %j: says what is wrong with it, exit status 2', (argv, sentence) => {
  expect(irqchip(['boot', ...argv])).toMatchObject({ status: 2, out: '', err: `irqchip: ${sentence}\nTry 'irqchip --help'.\n` });
});

test('no command prints the usage, an unknown one is named', () => {
  expect(irqchip([])).toMatchObject({ status: 2, err: '', out: expect.stringMatching(/^Usage: irqchip boot/) });
  expect(irqchip(['reboot'])).toMatchObject({ status: 2, err: "irqchip: there is no command 'reboot'; the commands are boot, replay, litmus, barriers\nTry 'irqchip --help'.\n" });
  expect(irqchip(['boot', '--help'])).toMatchObject({ status: 0, err: '' });
});

test('a file that is not there', () => {
  expect(irqchip(['boot', '/no/such.dtb'])).toMatchObject({ status: 1, err: expect.stringMatching(/^irqchip: ENOENT: cannot read the device tree: .*\/no\/such\.dtb/) });
});
