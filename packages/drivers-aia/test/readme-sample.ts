import { ImsicFile } from '@irqchip/drivers-aia/hardware';

// One hart's interrupt file, with identities 1 to 63, as RV64 sees it; `wire` is the hart's external interrupt line.
const wire: string[] = [];
const file = new ImsicFile(63, 64, (level) => { wire.push(level ? 'up' : 'down'); });

// The hart enables delivery and identities 5 and 9: iselect, then ireg, low half and high half.
file.select = 0x70; // eidelivery
file.writeIreg(1, 0);
file.select = 0xc0; // eie0
file.writeIreg((1 << 5) | (1 << 9), 0);

// Two devices store their messages to the file's page …
file.setPending(9);
file.setPending(5);

// … and the hart claims until topei is 0.
const claimed: number[] = [];
for (let top = file.claim(); top !== 0; top = file.claim()) claimed.push(top >>> 16);

export { claimed, wire }; // [5, 9] and ['up', 'down']
