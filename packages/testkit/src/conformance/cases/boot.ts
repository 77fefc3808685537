import type { Bench } from '../../bench/bench.ts';
import type { CaseKit, ConformanceCase } from '../case.ts';
import { ownBoard, ownHardware } from '../needs.ts';

const SEEDS = [0, 1, 2, 3, 4] as const;

function scrambled(kit: CaseKit, seed: number): Bench {
  const { scrambleRegisters, hardware, tree } = kit.options;
  // The machine knows the controllers of given boards.
  const known = hardware === undefined || (tree !== undefined && scrambleRegisters === undefined);
  const random = kit.random(seed);
  // The first seed has every bit set.
  const next = (): number => (seed === 0 ? 0xffffffff : random.next());
  const anything = (write: (offset: number, value: number) => void): void => {
    for (let offset = 0; offset < 64; offset += 4) write(offset, next());
  };
  return kit.bench({
    ...(known ? { scramble: seed + 1 } : {}),
    firmware: (write, setInput) => {
      if (!known) (scrambleRegisters ?? anything)(write, next);
      // Devices were used by the boot loader, too.
      for (let line = kit.first; line < kit.first + kit.count; line++) {
        setInput(line, true);
        setInput(line, false);
      }
    },
  });
}

/** Asks every line and every CPU that it has, once. */
function works(kit: CaseKit, b: Bench, what: string): void {
  if (kit.options.kind === 'ipi') {
    for (const cpu of b.machine.smp.cpus.online) {
      let ran = -1;
      b.on(0, () => b.machine.ipi.smpCallFunctionSingle(cpu, () => { ran = b.machine.smp.cpus.current; }));
      kit.same(ran, cpu, `${what}, a call of CPU ${cpu} runs on CPU`);
    }
    return;
  }
  for (const line of kit.sample) {
    const request = kit.request(b, line);
    const before = request.fired;
    kit.calm(b);
    kit.ask(b, line);
    kit.calm(b);
    kit.ok(request.fired > before, `${what}, line ${line} does not work`);
  }
}

/** What must hold before anybody requested anything. */
export const bootCases: readonly ConformanceCase[] = [
  {
    name: 'it boots from scrambled registers',
    rule: 'firmware and boot loaders leave controllers in any state; a driver switches every source off in its probe, a platform driver before it lets the parent interrupt in',
    kinds: ['wired', 'msi', 'ipi'],
    run(kit) {
      for (const seed of SEEDS) {
        const b = scrambled(kit, seed);
        kit.calm(b);
        // A timer's interrupt, which some providers of IPIs have as well, may be up.
        if (kit.options.kind !== 'ipi') kit.quiet(b, 'after boot');
        // What was latched before boot may come once to who asks for it.
        works(kit, b, `after registers were scrambled (seed ${seed})`);
      }
    },
  },
  {
    name: 'every CPU comes up',
    rule: 'a driver\'s hotplug callbacks do not fail, nor hold a CPU up (kernel/cpu.c, smp_init)',
    kinds: ['wired', 'msi', 'ipi'],
    run(kit) {
      const { cpus } = kit.bench().machine.smp;
      kit.same(cpus.online.toList(), cpus.possible.toList(), 'online CPUs are');
    },
  },
  {
    name: 'lines that nobody requested are quiet',
    rule: 'a mapped or unmapped line without an action is masked (irq_desc starts as disabled and masked)',
    kinds: ['wired'],
    needs: ownHardware,
    run(kit) {
      const b = kit.bench();
      const [requested] = kit.sample;
      const request = kit.request(b, requested!);
      for (const line of kit.sample) if (line !== requested) kit.askQuietly(b, line);
      b.settle();
      kit.quiet(b, 'with lines active that nobody requested');
      kit.fired(request, 0, 'after other lines were active');
    },
  },
  {
    name: 'a spurious interrupt of the controller runs no handler',
    rule: 'a demultiplexer looks what is pending, and copes with nothing (chained handlers; claim registers that read 0)',
    kinds: ['wired', 'msi'],
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
    rule: 'a driver keeps its state per instance (kernel: per-device data, not globals)',
    kinds: ['wired', 'msi', 'ipi'],
    run(kit) {
      const [one, other] = [kit.bench(), kit.bench()];
      if (kit.options.kind === 'ipi') {
        works(kit, other, 'beside another machine');
        works(kit, one, 'beside another machine');
        return;
      }
      const line = kit.first;
      const [here, there] = [kit.request(one, line), kit.request(other, line)];
      kit.ask(one, line);
      kit.same([here.fired, there.fired], [1, 0], 'runs of the two machines\' handlers after the first one\'s line was active');
      kit.ask(other, line);
      kit.same([here.fired, there.fired], [1, 1], 'and after the other one\'s was');
    },
  },
  {
    name: 'a second controller of its kind works beside the first',
    rule: 'one driver serves every node that matches (of_irq_init calls the probe once a node)',
    kinds: ['wired'],
    needs: ownBoard,
    run(kit) {
      const path = '/interrupt-controller@20000000';
      const b = kit.bench({ nodes: `second: ${path.slice(1)} { compatible = "${kit.options.compatible}"; reg = <0x20000000 0x1000>;
        interrupt-controller; #interrupt-cells = <${kit.options.cells ?? 1}>; interrupts-extended = <&intc0 13>; ${kit.options.properties ?? ''} };` });
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
    rule: 'a probe that cannot map its registers fails with an errno and leaves nothing behind (-ENODEV, -ENOMEM, -ENXIO)',
    kinds: ['wired', 'msi', 'ipi'],
    needs: ownBoard,
    run(kit) {
      const domains = (b: Bench): number => b.machine.domains.list.filter(({ fwnode }) => fwnode?.path === b.node).length;
      const b = kit.bench({ size: 0, allowFailures: true });
      kit.same(b.machine.failures.map(({ node }) => node), [b.node], 'nodes that were refused are');
      kit.same(domains(b), 0, 'domains that are left behind');
      b.takeDiagnostics('probe');
    },
  },
];
