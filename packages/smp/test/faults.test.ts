import { AllocFaults } from '@irqchip/smp';

let faults: AllocFaults;
/** Which of `count` allocations at `site` failed. */
const failures = (site: string, count: number): number[] => Array.from({ length: count }, (_, index) => index).filter(() => {
  try {
    faults.check(site);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOMEM', errno: -12, message: expect.stringContaining(site) as unknown });
    return true;
  }
});

beforeEach(() => {
  faults = new AllocFaults();
});

test('nothing fails unless asked to', () => {
  expect(failures('irq_desc', 5)).toEqual([]);
});

test('one allocation fails, the next succeeds', () => {
  faults.fail('irq_desc');
  expect(failures('irq_desc', 4)).toEqual([0]);
});

test('the first few may succeed, and several fail', () => {
  faults.fail('irq_desc', { after: 2, times: 3 });
  expect(failures('irq_desc', 8)).toEqual([2, 3, 4]);
});

test('no times is no failure, and takes back an earlier order', () => {
  faults.fail('irq_desc', { times: 2 });
  faults.fail('irq_desc', { times: 0 });
  expect(failures('irq_desc', 3)).toEqual([]);
});

test('other sites are not touched', () => {
  faults.fail('irq_desc', { times: 9 });
  expect([failures('fwnode', 3), failures('irq_desc', 1)]).toEqual([[], [0]]);
});

test('clear() disarms', () => {
  faults.fail('irq_desc');
  faults.fail('fwnode');
  faults.clear();
  expect([failures('irq_desc', 2), failures('fwnode', 2)]).toEqual([[], []]);
});

test('sites are written down while recording, in order, those that fail too', () => {
  faults.check('before');
  faults.record = true;
  faults.fail('b');
  failures('a', 1);
  failures('b', 2);
  faults.record = false;
  failures('a', 1);
  expect(faults.asked).toEqual(['a', 'b', 'b']);
});
