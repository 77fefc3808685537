import { IrqError, Log } from '@irqchip/smp';
import { irqInitOrder, ofIrqInit, parseDtb, parseDts, type DeviceTree, type DtNode } from '@irqchip/devicetree';
import { dtb, refusal } from './support.ts';

const ANY = (): boolean => true;

function order(tree: DeviceTree, match: (node: DtNode) => boolean = ANY): string[] {
  return irqInitOrder(tree, match).map(({ node, parent }) => `${node.path} < ${parent?.path ?? 'none'}`);
}

// Two roots; a has two children in tree order c, b; b has d; e hangs on the second root.
const FAMILY = parseDts(`/dts-v1/; / {
  d { interrupt-controller; interrupt-parent = <&b>; interrupts = <1>; };
  c: c { interrupt-controller; #interrupt-cells = <1>; interrupts-extended = <&a 1>; };
  a: a { interrupt-controller; #interrupt-cells = <1>; };
  b: b { interrupt-controller; #interrupt-cells = <1>; interrupts-extended = <&a 2>; };
  r: r { interrupt-controller; #interrupt-cells = <1>; };
  e { interrupt-controller; interrupt-parent = <&r>; };
};`);

function init(tree: DeviceTree, failing: readonly string[], match: (node: DtNode) => boolean = ANY): { called: string[]; left: string[]; failed: string[]; log: string[] } {
  const log = new Log();
  const called: string[] = [];
  const result = ofIrqInit(tree, match, (node) => {
    called.push(node.path);
    if (failing.includes(node.path)) throw new IrqError('ENODEV', 'no such device');
  }, log);
  return { called, left: result.left.map(({ node }) => node.path), failed: result.failed.map(({ node, error }) => `${node.path} ${error.code}`), log: log.records.map(({ level, text }) => `${level} ${text}`) };
}

test('roots in tree order, then the children of each, breadth-first and in tree order', () => {
  expect(order(FAMILY)).toEqual(['/a < none', '/r < none', '/c < /a', '/b < /a', '/e < /r', '/d < /b']);
});

test('the boards: the local controllers of the CPUs come first, and the first parent of several counts', () => {
  const cpus = [0, 1, 2, 3].map((cpu) => `/cpus/cpu@${cpu}/interrupt-controller < none`);
  expect(order(parseDtb(dtb('linux-7.2-debugfs/plic-smp4', 'linux-sees')))).toEqual([...cpus, '/soc/plic@c000000 < /cpus/cpu@0/interrupt-controller']);
  const aia = parseDtb(dtb('linux-6.12-debugfs/imsic-smp2', 'linux-sees'));
  expect(order(aia, (node) => node.isCompatible('riscv,cpu-intc', 'riscv,imsics'))).toEqual([
    ...cpus.slice(0, 2), '/soc/interrupt-controller@28000000 < /cpus/cpu@0/interrupt-controller',
  ]);
});

test('a controller that fails is logged and dropped, and its children are never initialised', () => {
  expect(init(FAMILY, ['/b', '/r'])).toEqual({
    called: ['/a', '/r', '/c', '/b'],
    left: ['/d', '/e'],
    failed: ['/r ENODEV', '/b ENODEV'],
    log: [
      'err OF: of_irq_init: Failed to init /r ((____ptrval____)), parent 0000000000000000',
      'err OF: of_irq_init: Failed to init /b ((____ptrval____)), parent (____ptrval____)',
      'err OF: of_irq_init: children remain, but no parents',
    ],
  });
});

test('when all succeed nothing is left and nothing is said', () => {
  expect(init(FAMILY, [])).toMatchObject({ left: [], failed: [], log: [] });
});

test('children of a controller that does not match are left over', () => {
  expect(init(FAMILY, [], (node) => node.path !== '/a')).toMatchObject({ called: ['/r', '/e'], left: ['/d', '/c', '/b'], log: ['err OF: of_irq_init: children remain, but no parents'] });
});

test('only available nodes with interrupt-controller count, and match is not asked about others', () => {
  const tree = parseDts('/dts-v1/; / { a { interrupt-controller; status = "disabled"; }; b { #interrupt-cells = <1>; }; c { interrupt-controller; status = "ok"; }; };');
  const asked: string[] = [];
  order(tree, (node) => (asked.push(node.path), true));
  expect(asked).toEqual(['/c']);
});

test('a controller that is its own interrupt parent is a root', () => {
  const tree = parseDts('/dts-v1/; / { #interrupt-cells = <1>; interrupt-controller; interrupts = <1>; interrupt-parent = <&self>; self: s { interrupt-controller; interrupt-parent = <&self>; }; };');
  expect(order(tree)).toEqual(['/s < none']);
});

test('without interrupts, only an interrupt-parent of its own makes a parent, not an inherited one', () => {
  const tree = parseDts('/dts-v1/; / { interrupt-parent = <&a>; a: a { #interrupt-cells = <1>; interrupt-controller; }; b { interrupt-controller; }; c { interrupt-controller; interrupts = <1>; }; };');
  expect(order(tree)).toEqual(['/a < none', '/b < none', '/c < /a']);
});

test('controllers that wait for each other are left over', () => {
  const tree = parseDts('/dts-v1/; / { a: a { interrupt-controller; #interrupt-cells = <1>; interrupts-extended = <&b 1>; }; b: b { interrupt-controller; #interrupt-cells = <1>; interrupts-extended = <&a 1>; }; };');
  expect(init(tree, [])).toMatchObject({ called: [], left: ['/a', '/b'] });
});

test('a circle of interrupt-parent drops the controller, with what is wrong', () => {
  const tree = parseDts('/dts-v1/; / { a: a { interrupt-controller; interrupts = <1>; interrupt-parent = <&b>; }; b: b { interrupt-parent = <&a>; }; };');
  expect(init(tree, [])).toMatchObject({ called: [], failed: ['/a EINVAL'], left: [] });
});

test('anything but an IrqError from init is thrown on', () => {
  expect(() => ofIrqInit(FAMILY, ANY, () => { throw new TypeError('bug'); }, new Log())).toThrow(TypeError);
  expect(refusal(() => ofIrqInit(FAMILY, () => { throw new IrqError('EIO', 'match'); }, () => undefined, new Log())).code).toBe('EIO');
});
