import { CpuMask, Smp } from '@irqchip/smp';

const smp = new Smp({ nrCpus: 4 });
for (const cpu of [1, 2, 3]) smp.cpus.online.set(cpu);

// One pending word per CPU. Whoever finds it empty rings the bell.
const pending = smp.memory.words('pending', 4);
const rung = new CpuMask(4);

function send(cpu: number, bit: number): void {
  const old = pending.fetchOrRelease(cpu, 1 << bit); // pairs with the acquire in receive()
  if (old === 0) rung.set(cpu);
}

function receive(): number {
  return pending.xchgAcquire(smp.cpus.current, 0); // pairs with the release in send()
}

send(2, 0);
send(2, 31);
send(3, 5);
console.log(`rung: ${rung} of ${smp.cpus.online} (${rung.toHex()})`);
console.log(`CPU2 got ${(smp.cpus.runOn(2, receive) >>> 0).toString(16)}`);
console.log(`and then ${smp.cpus.runOn(2, receive)}`);
