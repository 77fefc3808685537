import { Log, LOG_LEVELS, type LogRecord, Smp } from '@irqchip/smp';

const SECOND = 1e9;
let now: number;
let log: Log;
const texts = (): string[] => log.records.map(({ text }) => text);

beforeEach(() => {
  now = 0;
  log = new Log(() => now);
});

test('levels stand in the kernel\'s order', () => {
  expect(LOG_LEVELS.map((level) => LOG_LEVELS.indexOf(level))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect([LOG_LEVELS[0], LOG_LEVELS[3], LOG_LEVELS[7]]).toEqual(['emerg', 'err', 'debug']);
});

test('each level has its printer, and a line keeps its time', () => {
  now = 12;
  log.emerg('a');
  log.err('b');
  log.warn('c');
  log.info('d');
  now = 13;
  log.debug('e');
  expect(log.records).toEqual([
    { level: 'emerg', text: 'a', timeNs: 12 },
    { level: 'err', text: 'b', timeNs: 12 },
    { level: 'warn', text: 'c', timeNs: 12 },
    { level: 'info', text: 'd', timeNs: 12 },
    { level: 'debug', text: 'e', timeNs: 13 },
  ]);
});

test('a machine\'s log takes its time from the machine\'s clock', () => {
  const smp = new Smp({ nrCpus: 1, clock: { nowNs: () => 77 } });
  smp.log.info('x');
  expect(smp.log.records[0]!.timeNs).toBe(77);
});

test('a watcher sees further lines until it stops', () => {
  const seen: LogRecord[] = [];
  log.info('before');
  const stop = log.watch((record) => seen.push(record));
  log.info('during');
  stop();
  log.info('after');
  expect(seen.map(({ text }) => text)).toEqual(['during']);
});

describe('rate limit', () => {
  const say = (count: number, site = 'handle_bad'): void => {
    for (let i = 0; i < count; i++) log.ratelimited(site, 'err', `${site} line`);
  };

  test('ten lines in five seconds, the rest are dropped', () => {
    say(25);
    expect(texts()).toEqual(Array.from({ length: 10 }, () => 'handle_bad line'));
  });

  test('the window opens with the first line, not when the machine starts', () => {
    now = 100 * SECOND;
    say(10);
    now = 105 * SECOND;
    say(1);
    expect(texts()).toHaveLength(10);
  });

  test('at five seconds the window still holds; after them it is open again', () => {
    say(10);
    now = 5 * SECOND;
    say(1);
    expect(texts()).toHaveLength(10);
    now = 5 * SECOND + 1;
    say(1);
    expect(log.records.slice(10)).toEqual([
      { level: 'warn', text: 'handle_bad: 1 callbacks suppressed', timeNs: now },
      { level: 'err', text: 'handle_bad line', timeNs: now },
    ]);
  });

  test('the report counts what this window dropped, once', () => {
    say(13);
    now = 6 * SECOND;
    say(12);
    now = 12 * SECOND;
    say(1);
    expect(texts().filter((text) => text.includes('suppressed'))).toEqual(['handle_bad: 3 callbacks suppressed', 'handle_bad: 2 callbacks suppressed']);
  });

  test('nothing is reported when nothing was dropped', () => {
    say(10);
    now = 6 * SECOND;
    say(1);
    expect(texts()).toHaveLength(11);
  });

  test('a new window has a full budget', () => {
    say(11);
    now = 6 * SECOND;
    say(11);
    expect(texts().filter((text) => text === 'handle_bad line')).toHaveLength(20);
  });

  test('each site has a budget of its own', () => {
    say(11);
    say(11, 'report_other');
    expect(texts().filter((text) => text === 'report_other line')).toHaveLength(10);
  });

  test('a site may have another burst and interval', () => {
    for (let i = 0; i < 7; i++) log.ratelimited('bad_irq', 'warn', 'dump', 5, 2 * SECOND);
    expect(texts()).toHaveLength(5);
    now = 2 * SECOND + 1;
    log.ratelimited('bad_irq', 'warn', 'dump', 5, 2 * SECOND);
    expect(texts().slice(5)).toEqual(['bad_irq: 2 callbacks suppressed', 'dump']);
  });
});

describe('once', () => {
  test('a site prints the first time only, whatever it says later', () => {
    log.once('probe', 'warn', 'first');
    log.once('probe', 'warn', 'second');
    expect(texts()).toEqual(['first']);
  });

  test('sites and machines do not take each other\'s turn', () => {
    log.once('a', 'info', 'a');
    log.once('b', 'info', 'b');
    const other = new Log();
    other.once('a', 'info', 'again');
    expect([texts(), other.records.length]).toEqual([['a', 'b'], 1]);
  });
});
