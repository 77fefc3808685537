import { irqchipConformance } from '@irqchip/testkit';
import { driver as bells } from './drivers/bells.ts';
import { driver as fast } from './drivers/fast.ts';
import { driver as lev16 } from './drivers/lev16.ts';
import { driver as locals } from './drivers/locals.ts';
import { driver as mail } from './drivers/mail.ts';
import { driver as msgs } from './drivers/msgs.ts';
import { driver as msirs } from './drivers/msirs.ts';
import { driver as mux8 } from './drivers/mux8.ts';
import { optionsOf, SUBJECTS } from './subjects.ts';

const DRIVERS = { mux8, lev16, fast, bells, mail, msgs, msirs, locals };

for (const subject of SUBJECTS) irqchipConformance(optionsOf(subject, DRIVERS[subject]));
