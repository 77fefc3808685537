import { disableIrqNosync, enableIrq, IRQ, IRQF, setStatusFlags } from '@irqchip/genirq-core';
import type { Bench } from '@irqchip/testbench';
import type { CaseKit, ConformanceCase } from '../case.ts';
import { linesAtLeast } from '../needs.ts';

function disable(kit: CaseKit, b: Bench, line: number = kit.first): void {
  b.on(0, () => disableIrqNosync(b.machine.genirq, b.virq(line)));
  kit.calm(b);
}

export function enable(kit: CaseKit, b: Bench, line: number = kit.first): void {
  b.on(0, () => enableIrq(b.machine.genirq, b.virq(line)));
  kit.calm(b);
}

/** Disables the first line so that it is masked at once. */
export function mask(kit: CaseKit, b: Bench): void {
  setStatusFlags(b.machine.genirq, b.virq(kit.first), IRQ.DISABLE_UNLAZY);
  disable(kit, b);
}

/** So often an interrupt may be seen although its line is disabled: until its flow has masked it. */
const SEEN_AT_MOST = 2;

function asksWhileDisabled(kit: CaseKit, b: Bench, times: number): void {
  for (let i = 0; i < times; i++) kit.ask(b);
}

/** disable_irq, enable_irq and what comes between. */
export const disableCases: readonly ConformanceCase[] = [
  {
    name: 'what comes while disabled is replayed exactly once',
    rule: 'lazy disable: the first arrival masks the line, enable_irq replays it (check_irq_resend)',
    run(kit) {
      const { b, request } = kit.one();
      for (let round = 1; round <= 3; round++) {
        disable(kit, b);
        kit.ask(b);
        kit.fired(request, (round - 1) * kit.replays, 'while disabled');
        enable(kit, b);
        kit.fired(request, round * kit.replays, 'after it was enabled again');
      }
    },
  },
  {
    name: 'nothing that came while enabled comes again when it is enabled',
    rule: 'enable_irq replays what is pending only',
    run(kit) {
      const { b, request } = kit.one();
      kit.ask(b);
      disable(kit, b);
      enable(kit, b);
      kit.fired(request, 1, 'one event, then off and on');
    },
  },
  {
    name: 'masked and pending never runs',
    rule: 'a masked line interrupts nobody',
    run(kit) {
      const { b, request } = kit.one();
      kit.heldBack(b, kit.first, 'masked (disabled, with IRQ_DISABLE_UNLAZY) and active', () => {
        mask(kit, b);
        kit.ok(request.on.masked, 'disabled with IRQ_DISABLE_UNLAZY it is unmasked, and not masked');
        asksWhileDisabled(kit, b, 3);
        kit.quiet(b, 'masked and active');
        // Others keep the demultiplexer busy.
        for (const line of kit.sample.slice(1)) {
          kit.request(b, line);
          kit.ask(b, line);
        }
      });
    },
  },
  {
    name: 'what comes while masked runs when it is unmasked',
    rule: 'unmask forgets nothing that came before',
    run(kit) {
      const { b, request } = kit.one();
      mask(kit, b);
      kit.ask(b);
      enable(kit, b);
      kit.ok(kit.atMost(request, kit.replays, 'active once while it was masked') > 0, 'active once while it was masked: its handler ran 0 times, and not once');
    },
  },
  {
    name: 'a disabled line is masked at its first interrupt',
    rule: 'the flow handler masks what comes while disabled; handle_simple_irq does not, and is for messages that their device masks',
    run(kit) {
      const { b, request } = kit.one();
      disable(kit, b);
      const simple = kit.options.maskedBy === 'device' && kit.desc(b).handleIrq.name === 'handleSimpleIrq';
      kit.heldBack(b, kit.first, 'disabled and asking five times', () => asksWhileDisabled(kit, b, 5), simple ? 5 : SEEN_AT_MOST);
      kit.fired(request, 0, 'while disabled');
      kit.quiet(b, 'disabled and active');
    },
  },
  {
    name: 'masking a line leaves the others alone',
    rule: 'mask and unmask change one line: shared registers are read, changed and written, or have set and clear forms',
    needs: linesAtLeast(3),
    run(kit) {
      const b = kit.bench();
      const [off, ...rest] = kit.sample;
      const request = kit.request(b, off);
      const others = rest.map((line) => kit.request(b, line));
      disable(kit, b, off);
      kit.ask(b, off);
      for (const other of others) {
        kit.ask(b, other.line);
        kit.fired(other, 1, `while line ${off} is disabled`);
      }
      enable(kit, b, off);
      kit.fired(request, kit.replays, 'after it was enabled again');
      for (const other of others) {
        kit.ask(b, other.line);
        kit.fired(other, 2, `after line ${off} was enabled again`);
      }
    },
  },
  {
    name: 'unmasking a line leaves the others masked',
    rule: 'mask and unmask change one line',
    needs: linesAtLeast(3),
    run(kit) {
      const b = kit.bench();
      const [on, ...rest] = kit.sample;
      const masked = rest.map((line) => kit.request(b, line));
      for (const { line } of masked) {
        disable(kit, b, line);
        kit.ask(b, line);
      }
      kit.calm(b);
      const request = kit.request(b, on);
      for (const { line } of masked) {
        kit.heldBack(b, line, `disabled, while line ${on} is enabled`, () => {
          disable(kit, b, on);
          kit.ask(b, on);
          enable(kit, b, on);
        });
      }
      kit.fired(request, masked.length * kit.replays, 'the enabled line');
      for (const other of masked) kit.fired(other, 0, `disabled, while line ${on} is enabled`);
    },
  },
  {
    name: 'disable and enable nest',
    rule: 'irq_desc.depth',
    run(kit) {
      const { b, request } = kit.one();
      disable(kit, b);
      disable(kit, b);
      enable(kit, b);
      kit.ask(b);
      kit.fired(request, 0, 'disabled twice and enabled once');
      enable(kit, b);
      kit.fired(request, kit.replays, 'enabled twice');
    },
  },
  {
    name: 'a handler that disables its own line is not run again',
    rule: 'disable_irq_nosync in a handler',
    run(kit) {
      const b = kit.bench();
      const request = b.request(kit.first, (irq) => disableIrqNosync(b.machine.genirq, irq));
      kit.ask(b);
      kit.fired(request, 1, 'a handler that disables its line');
      kit.quiet(b, 'a handler that disables its line');
      if (kit.trigger === 'level') b.raw(kit.first).lower();
      enable(kit, b);
      kit.atMost(request, SEEN_AT_MOST, 'a handler that disables its line');
    },
  },
  {
    name: 'a line requested without autoenable stays off until it is enabled',
    rule: 'IRQF_NO_AUTOEN: the first enable_irq is the first startup',
    run(kit) {
      const b = kit.bench();
      // Whoever had the line before has left it masked.
      kit.request(b).free();
      const request = kit.request(b, kit.first, undefined, IRQF.NO_AUTOEN);
      kit.heldBack(b, kit.first, 'requested with IRQF_NO_AUTOEN, not yet enabled and active', () => kit.ask(b));
      enable(kit, b);
      kit.atMost(request, 1, 'active before it was enabled');
      kit.once(b, request, 'enabled');
    },
  },
];
