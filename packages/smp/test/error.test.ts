import { ERRNO, errnoOf, IrqError, type Errno } from '@irqchip/smp';
import { constants } from 'node:os';

test('an error carries the kernel\'s code, its negative number and its cause', () => {
  const cause = new Error('below');
  const error = new IrqError('EINVAL', 'what, where, what to do', { cause });
  expect(error).toBeInstanceOf(Error);
  expect([error.name, error.code, error.errno, error.message, error.cause]).toEqual(['IrqError', 'EINVAL', -22, 'what, where, what to do', cause]);
});

(process.platform === 'linux' ? test : test.skip).each(Object.keys(ERRNO).filter((code) => code in constants.errno))('%s has the number that Linux gives it', (code) => {
  expect(ERRNO[code as Errno]).toBe(constants.errno[code as keyof typeof constants.errno]);
});

test('the codes that never leave the kernel have its own numbers', () => {
  expect([ERRNO.EPROBE_DEFER, ERRNO.ENOTSUPP]).toEqual([517, 524]);
});

test('errnoOf gives the number of an IrqError and throws everything else on', () => {
  const bug = new TypeError('a bug');
  expect(errnoOf(new IrqError('EBUSY', 'taken'))).toBe(-16);
  expect(() => errnoOf(bug)).toThrow(bug);
});
