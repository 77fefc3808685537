import { exploreScene, explainFailure, modelNamed, shortestFailure, type IoRegister, type Scene } from '@irqchip/race';
import type { SharedWords } from '@irqchip/smp';

interface Mailbox { readonly box: SharedWords; readonly bell: IoRegister; readonly got: number[] }

// CPU 1 leaves a message and rings; CPU 0's handler quietens the bell and takes the message.
const mailbox = (relaxed: boolean): Scene<Mailbox> => ({
  name: 'mailbox',
  cpus: 2,
  setup(world) {
    const shared = { box: world.smp.memory.words('box', 1), bell: world.register('bell'), got: [] as number[] };
    world.interrupt(0, shared.bell, () => {
      shared.bell.write(0);
      shared.got.push(shared.box.readOnce(0));
    });
    return shared;
  },
  run: [null, ({ box, bell }) => {
    box.writeOnce(0, 42);
    bell.write(1, relaxed); // writel_relaxed(), or writel()
  }],
  observe: ({ got }) => got.join(),
  check: ({ observed }) => (observed[0] === '42' ? null : 'the message is lost'),
});

const model = modelNamed('rvio');
const result = exploreScene(mailbox(true), { model, first: false });
export const explained: string = explainFailure(shortestFailure(result)!, result.registry, model);
export const fixed: number = exploreScene(mailbox(false), { model, first: false }).failures.length; // 0

// console.log(explained):
//
// the message is lost (under rvio)
// Writes reach bell in the order 1 (#5), 0 (#2).
//   #  CPU       where                does                        value from
//   1  CPU0                           is interrupted by bell = 1  #5
//   2  CPU0 irq  readme-sample.ts:13  writes bell = 0, writel
//   3  CPU0 irq  readme-sample.ts:14  reads box[0] = 0            initial
// > 4  CPU1      readme-sample.ts:19  writes box[0] = 0x2a
// > 5  CPU1      readme-sample.ts:20  writes bell = 1, relaxed
// Rows are in each CPU's own order, not in time; > marks what is reordered.
// Nothing keeps #5 (writes bell = 1, relaxed) from overtaking #4 (writes box[0] = 0x2a).
// Add wmb() between readme-sample.ts:19 and readme-sample.ts:20, or make #5 a writel();
// it pairs with the taking of CPU0's interrupt.
