import type { Bench } from '@irqchip/testbench';
import { ConformanceError, type CaseKit, type ConformanceCase } from '../case.ts';
import { givenNode, withoutRegisters, withSecond } from '../given-board.ts';
import { ownHardware, ownNode, room } from '../needs.ts';
import { works } from './firmware.ts';

/** A machine whose controller has no registers. */
function refused(kit: CaseKit): Bench {
  try {
    const node = givenNode(kit.options);
    return kit.bench({ ...(node === null ? { size: 0 } : { tree: withoutRegisters(node) }), allowFailures: true });
  } catch (error) {
    throw new ConformanceError(`a probe without \`reg\` throws ${String(error)}, and not an IrqError, which has an error code`);
  }
}

/** A machine with a second controller, and the path of that. */
function withTwo(kit: CaseKit): { readonly b: Bench; readonly path: string } {
  const node = givenNode(kit.options);
  if (node !== null) {
    const { tree, path } = withSecond(node);
    return { b: kit.bench({ tree }), path };
  }
  const path = '/interrupt-controller@20000000';
  const { compatible, cells = 1, properties = '', nodes = '' } = kit.options;
  const second = `second: ${path.slice(1)} { compatible = "${compatible}"; reg = <0x20000000 0x1000>;
    interrupt-controller; #interrupt-cells = <${cells}>; interrupts-extended = <&intc0 13>; ${properties} };`;
  return { b: kit.bench({ nodes: `${nodes}\n${second}` }), path };
}

/** What must hold before anybody requested anything. */
export const bootCases: readonly ConformanceCase[] = [
  {
    name: 'lines that nobody requested are quiet',
    rule: 'irq_desc starts as disabled and masked',
    kinds: ['wired'],
    needs: ownHardware,
    run(kit) {
      const b = kit.bench();
      const [requested, ...others] = kit.sample;
      const request = kit.request(b, requested);
      others.forEach((line, i) => {
        if (i % 2 === 0) b.line(line);
        kit.staysQuiet(b, () => kit.askQuietly(b, line), `with line ${line} active, ${i % 2 === 0 ? '' : 'not mapped and '}not requested`);
      });
      b.settle();
      kit.quiet(b, `with lines ${others.join(', ')} active that nobody requested`);
      kit.fired(request, 0, 'after other lines were active');
    },
  },
  {
    name: 'a spurious interrupt of the controller runs no handler',
    rule: 'a demultiplexer copes with nothing pending (a claim that reads 0)',
    needs: ownHardware,
    run(kit) {
      const b = kit.bench();
      const requests = kit.sample.map((line) => kit.request(b, line));
      b.glitch();
      for (const request of requests) kit.fired(request, 0, 'after an interrupt with nothing pending');
    },
  },
  {
    name: 'two machines share nothing',
    rule: 'a driver keeps its state per device, not in module variables (kernel: not in globals)',
    kinds: ['wired', 'msi', 'ipi', 'percpu'],
    run(kit) {
      const [one, other] = [kit.bench(), kit.bench()];
      if (kit.options.kind === 'ipi' || kit.options.kind === 'percpu') {
        works(kit, other, 'beside another machine');
        works(kit, one, 'beside another machine');
        return;
      }
      const line = kit.first;
      const [here, there] = [kit.request(one, line), kit.request(other, line)];
      kit.ask(one, line);
      kit.same([here.fired, there.fired], [1, 0], 'runs of the handlers of two machines, after a line of the first was active');
      kit.ask(other, line);
      kit.same([here.fired, there.fired], [1, 1], 'runs of the handlers of two machines, after a line of each was active');
    },
  },
  {
    name: 'a second controller of its kind works beside the first',
    rule: 'of_irq_init probes every node that matches',
    kinds: ['wired'],
    needs: room,
    run(kit) {
      const { b, path } = withTwo(kit);
      const line = kit.first;
      const request = kit.request(b, line);
      kit.ok(b.machine.domains.list.some(({ fwnode }) => fwnode?.path === path), 'the second controller has no domain');
      b.machine.pin(path, line).pulse();
      b.settle();
      kit.fired(request, 0, 'after the same line of the second controller was active');
      kit.ask(b, line);
      kit.fired(request, 1, 'after its own line was active');
    },
  },
  {
    name: 'a node without registers is refused with an error code',
    rule: 'a probe that fails has an errno and leaves nothing behind',
    kinds: ['wired', 'msi', 'ipi', 'percpu'],
    needs: ownNode,
    run(kit) {
      const domains = (b: Bench): number => b.machine.domains.list.filter(({ fwnode }) => fwnode?.path === b.node).length;
      const b = refused(kit);
      kit.same(b.machine.failures.map(({ node }) => node), [b.node], 'on a board whose controller has no `reg`, nodes that were refused are');
      kit.same(domains(b), 0, 'interrupt domains of the refused node');
      b.takeDiagnostics('probe');
    },
  },
];
