import * as door from '@irqchip/irqdesc';
import * as internals from '@irqchip/irqdesc/internals';

test('what is internal is not let out by the front door', () => {
  expect(Object.keys(internals).filter((name) => name in door)).toEqual([]);
});

test('internals are there', () => {
  expect(Object.keys(internals)).toEqual(expect.arrayContaining(['fixupMovePending', 'withDescLocked']));
});
