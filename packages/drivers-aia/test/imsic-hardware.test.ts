/** The IMSIC's model against chapter 3 of the AIA specification, rule by rule. */
import { imsicCases } from './cases/imsic.ts';
import { runCase } from './hardware-board.ts';

test.each(imsicCases)('$name', (specCase) => runCase(specCase));
