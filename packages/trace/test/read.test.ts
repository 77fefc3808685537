import { readRecording } from '@irqchip/trace';
import { allRecordings, recording, recordingText } from './testdata.ts';

const HEADER = {
  format: 'qtest-trace-1', qemu: '10.0.2', device: 'plic', harts: 2, sources: '1..5', bases: { plic: '0xc000000' },
  reset_lines: [{ MEI: 0, MTI: 1 }, { MEI: 0 }], contexts: [{ ctx: 0, hart: 0, line: 'MEI' }, { ctx: 2, hart: 1, line: 'SEI' }],
};
const READ = { i: 1, op: 'readl', dev: 'plic', reg: 'pending[0]', off: '0x1000', addr: '0xc001000', result: '0x0' };

function text(steps: readonly unknown[], header: object = HEADER): string {
  return [header, ...steps].map((line) => typeof line === 'string' ? line : JSON.stringify(line)).join('\n');
}

function message(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    expect(error).toMatchObject({ name: 'IrqError', code: 'EINVAL' });
    return (error as Error).message;
  }
  return 'nothing thrown';
}

const refusal = (step: unknown): string => message(() => readRecording(text([step]), 'x'));

describe('what is read', () => {
  test('the header says which machine it was', () => {
    const { header } = readRecording(text([READ]), 'x');
    expect(header).toEqual({
      qemu: '10.0.2', device: 'plic', mode: 'direct', harts: 2, bases: new Map([['plic', 0xc000000]]), resetLines: [{ MEI: false, MTI: true }, { MEI: false }],
      sources: 5, identities: 255, guests: 0, priorityMax: 7, iprioBits: 3, contexts: [{ hart: 0, line: 'MEI' }, null, { hart: 1, line: 'SEI' }], timebaseHz: 10_000_000,
    });
  });

  test('each operation becomes a step', () => {
    const { steps } = readRecording(text([
      { i: 0, op: 'note', text: 'begins' },
      { ...READ, lag: 1 },
      { i: 2, op: 'writeq', dev: 'plic', off: '0x2000', addr: '0xc002000', value: '0xffffffffffffffff', net: [[1, 'SEI', 1]], quirk: 1 },
      { i: 4, op: 'line', dev: 'plic', src: 3, level: 1 },
      { i: 5, op: 'clock_step', ns: 70, now: 100 },
      { i: 6, op: 'clock_step', ns: 70 },
      { i: 7, op: 'csr_read', hart: 1, csr: 'mip', result: '0x80' },
      { i: 8, op: 'csr_write', hart: 0, csr: 'mip', value: '0x0' },
      { i: 9, op: 'lines', lines: [{ MEI: 1 }, { GEI3: 1 }], mip: ['0x800', '0x0'] },
    ]));
    expect(steps.map(({ i, op, net, lag, quirk }) => [i, op, net.length, lag, quirk])).toEqual([
      [0, 'note', 0, false, false], [1, 'read', 0, true, false], [2, 'write', 1, false, true], [4, 'line', 0, false, false], [5, 'clock', 0, false, false],
      [6, 'clock', 0, false, false], [7, 'csr-read', 0, false, false], [8, 'csr-write', 0, false, false], [9, 'lines', 0, false, false],
    ]);
    expect(steps[2]).toMatchObject({ width: 8, address: 0xc002000, reg: '0xc002000', value: 0xffff_ffff_ffff_ffffn, net: [{ hart: 1, line: 'SEI', level: true }] });
    expect([steps[4], steps[5]]).toMatchObject([{ now: 100 }, { now: 170 }]);
    expect(steps[8]).toMatchObject({ lines: [{ MEI: true }, { GEI3: true }], mip: [0x800n, 0n] });
  });

  test('bytes are UTF-8, and a line feed at the end is no line', () => {
    const bytes = Buffer.from(`${text([{ i: 0, op: 'note', text: 'größer — 10 µs' }])}\n`);
    expect(readRecording(new Uint8Array(bytes)).steps).toMatchObject([{ text: 'größer — 10 µs' }]);
  });

  test.each(allRecordings())('%s is read to its last line', (name) => {
    expect(recording(name).steps).toHaveLength(recordingText(name).trimEnd().split('\n').length - 1);
  });
});

describe('what is refused, with the place', () => {
  test('nothing at all, and a header alone', () => {
    expect(message(() => readRecording('', 'x'))).toBe('x: the recording is empty.');
    expect(message(() => readRecording(new Uint8Array(0), 'x'))).toBe('x: the recording is empty.');
    expect(message(() => readRecording(text([]), 'x'))).toBe('x: the recording has a header and no step.');
  });

  test('compressed bytes, and bytes that are no text', () => {
    expect(message(() => readRecording(new Uint8Array([0x1f, 0x8b, 8]), 'x'))).toMatch(/^x: this is compressed by gzip/);
    expect(message(() => readRecording(new Uint8Array([0x7b, 0xff, 0x80]), 'x'))).toMatch(/^x: this is not UTF-8/);
  });

  test('a line that is cut off, or no JSON, or no object', () => {
    const whole = recordingText('plic-rand-101');
    expect(message(() => readRecording(whole.slice(0, whole.length - 20), 'x'))).toMatch(/^x, line 2002: this is not JSON, or it is cut off/);
    expect(refusal('hello')).toMatch(/^x, line 2: this is not JSON/);
    expect(refusal('')).toMatch(/^x: the recording has a header and no step/);
    expect(message(() => readRecording(`${text([READ])}\n\n${JSON.stringify(READ)}`, 'x'))).toMatch(/^x, line 3: this is not JSON/);
    expect(refusal('[1]')).toBe('x, line 2: a line of a recording is a JSON object.');
    expect(refusal('null')).toBe('x, line 2: a line of a recording is a JSON object.');
  });

  test.each([
    ['format', 'qtest-trace-2', /the format is qtest-trace-2; this reader knows qtest-trace-1/],
    ['format', undefined, /the format is not given/],
    ['device', 'gic', /"device" is "gic"; it should be one of clint\/aclint, plic, aplic, imsic/],
    ['harts', 0, /"harts" is 0; it should be a whole number from 1 to 4095/],
    ['harts', 1e12, /"harts"/],
    ['qemu', 7, /"qemu" is 7; it should be a string/],
    ['bases', {}, /no device has a base address/],
    ['bases', { uart: '0x0' }, /"uart" is "0x0"; it should be left out/],
    ['bases', { plic: 'c000000' }, /"plic" is "c000000"; it should be a hex string/],
    ['bases', { plic: '0xffffffffffffffff' }, /an address below 2\^53/],
    ['reset_lines', [{ MEI: 0 }], /"reset_lines" is .*; it should be a list of 2, one a hart/],
    ['reset_lines', [{ MEI: 2 }, {}], /reset_lines\[0\]: "MEI" is 2/],
    ['reset_lines', [{ toString: 1 }, {}], /"toString" is 1; it should be left out/],
    ['sources', '1..1024', /"sources" is "1..1024"/],
    ['sources', undefined, /"sources" is nothing/],
    ['contexts', [{ ctx: 0, hart: 2, line: 'MEI' }], /contexts\[0\]: "hart" is 2/],
    ['contexts', [{ ctx: 1e9, hart: 0, line: 'MEI' }], /"ctx" is 1000000000/],
    ['contexts', [{ ctx: 0, hart: 0, line: 'MTI' }], /"line" is "MTI"; it should be MEI or SEI/],
  ])('a header whose %s is %j', (member, value, wanted) => {
    const refused = message(() => readRecording(text([READ], { ...HEADER, [member]: value }), 'x'));
    expect(refused).toMatch(/^x, line 1: /);
    expect(refused).toMatch(wanted);
  });

  test.each([
    [{ op: 'frobnicate' }, /"op" is "frobnicate"; it should be read or write with b, w, l or q at its end, line, clock_step/],
    [{ op: undefined }, /"op" is nothing/],
    [{ op: 'readx' }, /"op" is "readx"/],
    [{ i: 'one' }, /"i" is "one"/],
    [{ dev: 'imsic_m' }, /"dev" is "imsic_m"; it should be one of plic/],
    [{ off: '0x1004' }, /"addr" is "0xc001000"; it should be base 0xc000000 of plic plus "off"/],
    [{ result: '0x100000000' }, /"result" is "0x100000000"; it should be a value of 4 bytes/],
    [{ result: 12 }, /"result" is 12/],
    [{ lag: 3 }, /"lag" is 3/],
    [{ net: [[2, 'MEI', 1]] }, /"net" is .*; it should be a list of \[hart, line, level\]/],
    [{ net: [[0, 'FOO', 1]] }, /"net"/],
    [{ net: [7] }, /"net"/],
    [{ op: 'line', src: 6, level: 1 }, /"src" is 6; it should be a whole number from 0 to 5/],
    [{ op: 'line', src: 1, level: true }, /"level" is true/],
    [{ op: 'clock_step', ns: -1 }, /"ns" is -1/],
    [{ op: 'clock_step', ns: Number.MAX_SAFE_INTEGER + 1 }, /"ns"/],
    [{ op: 'csr_read', hart: 2, csr: 'mip', result: '0x0' }, /"hart" is 2/],
    [{ op: 'csr_write', hart: 0, csr: 'mip' }, /"value" is nothing/],
    [{ op: 'lines', lines: [{}, {}], mip: ['0x0'] }, /"mip" is/],
    [{ op: 'lines', lines: {} }, /"lines" is \{\}; it should be a list/],
  ])('a step with %j', (change, wanted) => {
    const refused = refusal({ ...READ, ...change });
    expect(refused).toMatch(/^x, line 2: /);
    expect(refused).toMatch(wanted);
  });

  test('time and step numbers that go backwards', () => {
    expect(message(() => readRecording(text([{ i: 0, op: 'clock_step', ns: 5, now: 9 }, { i: 1, op: 'clock_step', ns: 5, now: 8 }]), 'x'))).toMatch(/line 3: "now" is 8; it should be a whole number from 9/);
    expect(message(() => readRecording(text([READ, READ]), 'x'))).toBe('x, line 3: step 1 comes after step 1; the numbers of steps rise.');
  });
});
