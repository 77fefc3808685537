import { EventEmitter } from 'eventemitter3';
import { measure } from './measure.ts';
import { muxSubject } from './rig.ts';
const emitter = new EventEmitter<{ tick: (cpu: number) => void }>();
let heard = 0;
emitter.on('tick', (cpu) => { heard += cpu; });
console.log(measure([{ name: 'emit', run(n) { for (let i = 0; i < n; i++) emitter.emit('tick', 1); } }, muxSubject()]).map((f) => `${f.name} ${f.ns.toFixed(1)} ${f.ratio.toFixed(2)} ${f.bytes}`).join('\n'), heard > 0);
