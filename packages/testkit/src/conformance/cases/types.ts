import { IRQ, IRQ_TYPE, irqdGetTriggerType, setIrqType } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import type { Bench, Requested } from '@irqchip/testbench';
import type { CaseKit, ConformanceCase } from '../case.ts';

const { EDGE_RISING, EDGE_FALLING, EDGE_BOTH, LEVEL_HIGH, LEVEL_LOW, LEVEL_MASK } = IRQ_TYPE;

/** As it is written in a driver. */
function nameOf(type: number): string {
  return `IRQ_TYPE.${Object.entries(IRQ_TYPE).find(([, value]) => value === type)?.[0] ?? type}`;
}

/** The flow is not one that is made for the other trigger. */
export function suits(kit: CaseKit, { line, on: { desc: { handleIrq: { name }, settings } } }: Requested, level: boolean): void {
  const [own, other] = level ? ['handleLevelIrq', 'handleEdgeIrq'] : ['handleEdgeIrq', 'handleLevelIrq'];
  kit.ok(name !== other, `the flow handler of line ${line}, ${level ? 'a level' : 'an edge'}, is ${name}, and not ${own} or handleFasteoiIrq`);
  kit.ok(!level || name !== 'handleSimpleIrq' || (settings & IRQ.DISABLE_UNLAZY) !== 0, 'handleSimpleIrq never masks a level: use handleLevelIrq, or set IRQ_DISABLE_UNLAZY');
}

/** Whether the chip takes a type and notes it: then it must do what the type says. */
function takes(kit: CaseKit, b: Bench, type: number): boolean {
  const { irqData } = kit.desc(b, kit.first);
  // A model without inputs is driven in its own way.
  if (irqData.chip.irqSetType === undefined || b.machine.model(b.node)?.setInput === undefined) return false;
  try {
    b.on(0, () => setIrqType(b.machine.genirq, b.virq(kit.first), type));
    return irqdGetTriggerType(irqData) === type;
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
    kit.byChip(error);
    return false;
  }
}

/** A line of a type that is taken does what its type says: an edge runs once although it stays up, a level for as long as it is up. */
function works(kit: CaseKit, type: number): void {
  const declared = kit.options.types?.accepted?.includes(type) ?? false;
  const b = kit.bench(declared ? { trigger: type } : {});
  kit.step = `line ${kit.first} is given the type ${nameOf(type)}`;
  if (!declared && !takes(kit, b, type)) return;
  const level = (type & LEVEL_MASK) !== 0;
  const low = type === EDGE_FALLING || type === LEVEL_LOW;
  const raw = b.raw(kit.first);
  const drive = (active: boolean): void => { if (active !== low) raw.raise(); else raw.lower(); };
  let before = 0;
  drive(false);
  kit.step = `line ${kit.first} is requested as ${nameOf(type)}`;
  // An edge that goes on and on is enough after some.
  const request = b.request(kit.first, (_irq, { fired }) => { if (fired - before >= (level ? 2 : 4)) drive(false); }, type);
  suits(kit, request, level);
  kit.calm(b);
  before = kit.atMost(request, 1, `of type ${nameOf(type)}, and never active`);
  for (let times = 1; times <= 3; times++) {
    kit.step = `line ${kit.first}, of type ${nameOf(type)}, is ${low ? 'low' : 'high'}, which is active`;
    drive(true);
    kit.calm(b);
    if (!level) drive(false);
    kit.calm(b);
    kit.fired(request, before + (level || type === EDGE_BOTH ? 2 : 1), `${nameOf(type)} was taken; ${level ? 'up until its second run' : 'up and down'}`);
    before = request.fired;
  }
}

/** Types of lines. */
export const typeCases: readonly ConformanceCase[] = [
  {
    name: 'trigger types that it takes are set, and the line works',
    rule: 'irq_set_type takes what the hardware does and the flow handler suits, and nothing else',
    kinds: ['wired'],
    run(kit) {
      for (const type of [EDGE_RISING, EDGE_FALLING, EDGE_BOTH, LEVEL_HIGH, LEVEL_LOW]) {
        if (!kit.options.types?.refused?.includes(type)) works(kit, type);
      }
    },
  },
  {
    name: 'trigger types that it refuses change nothing',
    rule: 'irq_set_type: -EINVAL, and the line keeps its type',
    kinds: ['wired'],
    needs: ({ types }) => (types?.refused?.length ? null : 'no types are said to be refused'),
    run(kit) {
      for (const type of kit.options.types!.refused!) {
        const { b, request } = kit.one();
        kit.refuses(() => { b.on(0, () => setIrqType(b.machine.genirq, request.irq, type)); }, `${nameOf(type)} of line ${kit.first}`, 'EINVAL');
        kit.ask(b);
        kit.fired(request, 1, `after ${nameOf(type)} was refused`);
      }
    },
  },
  {
    name: 'the type of a line is its own',
    rule: 'irq_set_type is of one line',
    kinds: ['wired'],
    needs: ({ types, triggers = [], lines = 0 }) => (types?.accepted?.length && triggers.length > 1 && lines > 3 ? null : 'its lines have one trigger'),
    run(kit) {
      const b = kit.bench();
      const isEdge = (line: number): boolean => (line - kit.first) % 2 === 0;
      let before = [0, 0, 0, 0];
      const requests = before.map((_, i) => {
        const line = kit.first + i;
        const request = b.request(line, (_irq, { fired }) => { if (fired - before[i]! >= (isEdge(line) ? 4 : 2)) b.raw(line).lower(); });
        b.on(0, () => setIrqType(b.machine.genirq, request.irq, isEdge(line) ? EDGE_RISING : LEVEL_HIGH));
        return request;
      });
      kit.calm(b);
      before = requests.map(({ fired }) => fired);
      b.irqsOff(0, () => { for (const { line } of requests) b.raw(line).raise(); });
      kit.calm(b);
      requests.forEach(({ fired, line }, i) => kit.same(fired - before[i]!, isEdge(line) ? 1 : 2, `runs of line ${line}, ${isEdge(line) ? 'a rising edge that stays up' : 'a level, up until its second run'}`));
    },
  },
];
