import type { Bench } from '@irqchip/testbench';
import type { ConformanceCase } from '../case.ts';
import { all, movable } from '../needs.ts';

function message(b: Bench, vector: number): string {
  const { address, data } = b.messages!.message(vector);
  return `0x${address.toString(16)} = 0x${data.toString(16)}`;
}

/** Controllers of messages. */
export const msiCases: readonly ConformanceCase[] = [
  {
    name: 'every vector has a message of its own',
    rule: 'irq_compose_msi_msg: address and data tell the interrupt',
    kinds: ['msi'],
    run(kit) {
      const b = kit.bench();
      const requests = Array.from({ length: kit.count }, (_, vector) => kit.request(b, vector));
      const messages = requests.map(({ line }) => message(b, line));
      kit.same(new Set(messages).size, kit.count, `different messages (address = data: ${messages.join(', ')})`);
    },
  },
  {
    name: 'a vector that moves has a new message',
    rule: 'irq_set_affinity: the device gets a new message',
    kinds: ['msi'],
    needs: all(movable),
    run(kit) {
      const b = kit.bench();
      kit.request(b, 0);
      const messages = kit.cpus(b).map((cpu) => {
        b.setAffinity(0, cpu);
        // A deferred move is made by the next interrupt.
        kit.ask(b, 0);
        return message(b, 0);
      });
      kit.same(new Set(messages).size, messages.length, `different messages on different CPUs (address = data: ${messages.join(', ')})`);
    },
  },
  {
    name: 'a message that is sent to nobody changes nothing',
    rule: 'a message that names no interrupt is ignored (AIA 1.0, 3.9)',
    kinds: ['msi'],
    run(kit) {
      const b = kit.bench();
      const requests = kit.sample.map((vector) => kit.request(b, vector));
      const { address } = b.messages!.message(0);
      for (const data of [0, 0x7ff, -1]) {
        kit.step = `message ${data}, which names no interrupt, is sent`;
        b.send(address, data);
      }
      kit.calm(b);
      for (const request of requests) kit.fired(request, 0, 'after messages that name no interrupt');
    },
  },
  {
    name: 'vectors come back when they are freed',
    rule: 'irq_domain_ops.free gives the vector back',
    kinds: ['msi'],
    needs: ({ vectors }) => (vectors === undefined ? 'how many vectors there are is not said' : null),
    run(kit) {
      const b = kit.bench({ messages: 1 });
      const most = kit.options.vectors! - 1;
      for (let round = 0; round < 3; round++) {
        b.device(most, round + 1).stop();
      }
      kit.refuses(() => { b.device(most + 1, 9); }, `allocating ${most + 2} vectors where ${most + 1} are`, 'ENOSPC');
      b.device(most, 10).stop();
    },
  },
];
