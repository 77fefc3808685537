import type { Bench } from '@irqchip/testbench';
import type { CaseKit, ConformanceCase } from '../case.ts';
import { all, movable } from '../needs.ts';

function message(b: Bench, vector: number): string {
  const { address, data } = b.messages!.message(vector);
  return `0x${address.toString(16)} = 0x${data.toString(16)}`;
}

/** What names no interrupt of an IMSIC. */
const STRAY = [0, 0x7ff, -1];

/** Requests a line after `come`. @param least - runs of its handler for that */
function comesEarly(kit: CaseKit, what: string, come: (b: Bench) => void, least: number): void {
  const b = kit.bench();
  kit.step = `${what} for line ${kit.first}, which nobody requested`;
  come(b);
  kit.calm(b);
  const request = kit.request(b);
  kit.ok(kit.atMost(request, kit.replays, `${what} before it was requested`) >= least, `${what} before it was requested: the handler of line ${kit.first} ran 0 times, and not once`);
  kit.once(b, request, `requested after ${what}`);
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
    needs: ({ strayMessages }) => (strayMessages?.length === 0 ? 'each of its messages names an interrupt' : null),
    run(kit) {
      const b = kit.bench();
      const requests = kit.sample.map((vector) => kit.request(b, vector));
      const { address } = b.messages!.message(0);
      const messages = Array.from({ length: kit.count }, (_, vector) => b.messages!.message(vector));
      for (const data of kit.options.strayMessages ?? STRAY) {
        const line = messages.findIndex((own) => own.address === address && own.data === data >>> 0);
        kit.ok(line < 0, `message ${data} is that of line ${line}: strayMessages says which messages name no interrupt`);
        kit.step = `message ${data}, which names no interrupt, is sent`;
        b.send(address, data);
      }
      kit.calm(b);
      for (const request of requests) kit.fired(request, 0, 'after messages that name no interrupt');
    },
  },
  {
    name: 'a message that comes before it is requested is handled when it is',
    rule: 'a device keeps what it may not send yet (PCI 3.0, 6.8); what finds no action is PENDING, and irq_startup resends it (check_irq_resend)',
    kinds: ['msi'],
    run(kit) {
      comesEarly(kit, 'its device asked', (b) => kit.askQuietly(b), 1);
      // A controller may forget, but not repeat, what it gets while the line is masked there.
      comesEarly(kit, 'its message was stored', (b) => {
        const { address, data } = kit.message(b);
        b.send(address, data);
      }, kit.options.maskedBy === 'device' ? 1 : 0);
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
