/** The APLIC's model against chapter 4 of the AIA specification, rule by rule. */
import { deliveryCases } from './cases/delivery.ts';
import { messageCases } from './cases/messages.ts';
import { sourceCases } from './cases/sources.ts';
import { runCase } from './hardware-board.ts';

describe('sources', () => {
  test.each(sourceCases)('$name', (specCase) => runCase(specCase));
});

describe('delivery to harts', () => {
  test.each(deliveryCases)('$name', (specCase) => runCase(specCase));
});

describe('messages', () => {
  test.each(messageCases)('$name', (specCase) => runCase(specCase));
});
