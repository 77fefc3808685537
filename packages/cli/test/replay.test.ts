import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { irqchip } from './terminal.ts';

const FOLDER = new URL('../../../testdata/qemu/', import.meta.url).pathname;
const file = (name: string): string => `${FOLDER}${name}.jsonl.gz`;
const text = (name: string): string => gunzipSync(readFileSync(file(name))).toString('utf8');

/** Runs `fn` with files of these contents. */
function withFiles<T>(contents: Readonly<Record<string, string | Uint8Array>>, fn: (name: (file: string) => string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'irqchip-'));
  try {
    for (const [name, content] of Object.entries(contents)) writeFileSync(path.join(folder, name), content);
    return fn((name) => path.join(folder, name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('recordings that agree', () => {
  test('a line for each, a total, exit status 0', () => {
    expect(irqchip(['replay', file('clint-rand-101'), file('plic-rand-101')])).toMatchObject({
      status: 0, err: '',
      out: `${file('clint-rand-101')}: reads 695/695 lines 24000/24000\n${file('plic-rand-101')}: reads 578/578 lines 14200/14200\n2 recordings: 2 agreed, 0 disagreed\n`,
    });
  });

  test('a file that is not compressed', () => {
    withFiles({ 'a.jsonl': text('imsic-rand-101') }, (name) => {
      expect(irqchip(['replay', name('a.jsonl')]).out).toBe(`${name('a.jsonl')}: reads 751/751 lines 16008/16008\n1 recording: 1 agreed, 0 disagreed\n`);
    });
  });

  test('steps that were not compared are told', () => {
    expect(irqchip(['replay', file('clint-directed')])).toMatchObject({ status: 0, out: expect.stringContaining('\n  not compared: 6 steps from 242 on, marked as peculiar to the recorded device\n') });
  });
});

describe('--quirks', () => {
  test('without them a model differs where QEMU does: the first steps with both values, exit status 1', () => {
    const { status, out, err } = irqchip(['replay', file('plic-wild-104')]);
    expect([status, err]).toEqual([1, '']);
    const [head, ...rest] = out.trimEnd().split('\n');
    expect(head).toMatch(/: reads 484\/705 lines 11471\/14472$/);
    expect(rest[0]).toBe('  step 130: MEI of hart 1: model 1, recorded 0');
    expect(rest.slice(5)).toEqual(['  and 539 more', '1 recording: 0 agreed, 1 disagreed']);
  });

  test('with those of the recorded version it does not', () => {
    expect(irqchip(['replay', file('plic-wild-104'), '--quirks', 'qemu-10.0'])).toMatchObject({ status: 0, out: expect.stringContaining('reads 705/705 lines 16008/16008\n') });
  });

  test('recorded: each file with those of its own version', () => {
    expect(irqchip(['replay', '--quirks', 'recorded', file('plic-wild-104'), file('q72-plic-directed'), file('q72-clint-directed')])).toMatchObject({ status: 0, out: expect.stringContaining('3 recordings: 3 agreed, 0 disagreed\n') });
    expect(irqchip(['replay', '--quirks', 'qemu-10.0', file('q72-plic-directed')]).status).toBe(1);
  });
});

describe('--json', () => {
  test('one object, with every difference', () => {
    const { status, out } = irqchip(['replay', '--json', file('clint-rand-101'), file('plic-directed')]);
    const report = JSON.parse(out) as { files: { file: string; reads: object; differences: object[] }[]; agreed: number; disagreed: number };
    expect([status, report.agreed, report.disagreed]).toEqual([1, 1, 1]);
    expect(report.files[0]).toEqual({ file: file('clint-rand-101'), reads: { equal: 695, total: 695 }, lines: { equal: 24000, total: 24000 }, differences: [], skipped: [] });
    expect(report.files[1]!.differences).toContainEqual({ step: 194, note: 'SPEC: a claim ignores the threshold. QEMU: claim returns only sources above the threshold', register: 'claim[0]', model: '0x4', recorded: '0x0' });
  });

  test('a file that cannot be replayed is among the others', () => {
    const { status, out, err } = irqchip(['replay', '--json', '/no/such.jsonl', file('clint-rand-101')]);
    expect(JSON.parse(out)).toMatchObject({ files: [{ file: '/no/such.jsonl', error: { code: 'ENOENT', message: expect.stringContaining('/no/such.jsonl') as string } }, { differences: [] }], agreed: 1, disagreed: 1 });
    expect(status).toBe(1);
    expect(err).toMatch(/^irqchip: ENOENT: cannot read the recording \/no\/such\.jsonl: /);
  });
});

describe('bad files get a sentence, and the others are replayed', () => {
  const gz = readFileSync(file('plic-rand-101'));
  const plain = text('plic-rand-101');
  const FILES: Readonly<Record<string, readonly [content: string | Uint8Array, sentence: RegExp]>> = {
    'cut.gz': [gz.subarray(0, 4000), /cut\.gz: gzip cannot decompress it: unexpected end of file\.$/],
    'damaged.gz': [Uint8Array.from(gz, (byte, at) => at === 2000 ? byte ^ 0xff : byte), /damaged\.gz: gzip cannot decompress it: /],
    'cut.jsonl': [plain.slice(0, -30), /cut\.jsonl, line 2002: this is not JSON, or it is cut off; /],
    'empty.jsonl': ['', /empty\.jsonl: the recording is empty\.$/],
    'empty.gz': [gzipSync(''), /empty\.gz: the recording is empty\.$/],
    'op.jsonl': [plain.replace('"op":"writel"', '"op":"smash"'), /op\.jsonl, line \d+: "op" is "smash"; it should be /],
    'format.jsonl': [plain.replace('qtest-trace-1', 'vcd'), /format\.jsonl, line 1: the format is vcd; this reader knows qtest-trace-1\.$/],
    'binary.jsonl': [Uint8Array.from({ length: 999 }, (_, at) => (at * 77) & 0xff), /binary\.jsonl: this is not UTF-8 text/],
    'model.jsonl': [text('imsic-rand-101').replace(/"csr":"miselect","value":"0x[0-9a-f]+"/, '"csr":"miselect","value":"0x81"'), /model\.jsonl, step \d+: Illegal instruction: /],
  };

  test.each(Object.entries(FILES))('%s', (which, [content, sentence]) => {
    withFiles({ [which]: content }, (name) => {
      const { status, out, err } = irqchip(['replay', name(which), file('clint-rand-101')]);
      expect(err).toMatch(/^irqchip: EINVAL: [^\n]*\n$/);
      expect(err.trimEnd()).toMatch(sentence);
      expect(out).toMatch(/clint-rand-101\.jsonl\.gz: reads 695\/695 lines 24000\/24000\n2 recordings: 1 agreed, 1 disagreed\n$/);
      expect(status).toBe(1);
    });
  });

  test('a folder', () => {
    expect(irqchip(['replay', FOLDER])).toMatchObject({ status: 1, err: expect.stringMatching(/^irqchip: ENOENT: cannot read the recording .*testdata\/qemu\/: EISDIR/) });
  });

  test('whatever is changed in a recording, the answer is a result or a sentence', () => {
    const bytes = Buffer.from(plain.split('\n').slice(0, 60).join('\n'));
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    let refused = 0;
    withFiles({}, (name) => {
      for (let round = 0; round < 150; round++) {
        const changed = Buffer.from(bytes);
        changed[random(bytes.length)] = round % 2 === 0 ? 48 + random(10) : random(256);
        writeFileSync(name('x'), changed);
        const { status, err } = irqchip(['replay', name('x')]);
        if (err !== '') refused++;
        expect([0, 1]).toContain(status);
        expect(err).toMatch(/^(irqchip: E[A-Z]+: [^\n]+\n)?$/);
      }
    });
    expect(refused).toBeGreaterThan(30);
  });
});

describe('usage', () => {
  const USAGE: readonly (readonly [argv: readonly string[], sentence: string])[] = [
    [[], 'replay takes at least one recording, FILE.jsonl or FILE.jsonl.gz'],
    [['a.jsonl', '--quirks', 'vax'], "--quirks is qemu-7.2 or qemu-10.0 or qemu-11.1 or recorded, not 'vax'"],
    [['a.jsonl', '--quirks'], "Option '--quirks <value>' argument missing"],
    [['a.jsonl', '--verbose'], "Unknown option '--verbose'"],
  ];

  test.each(USAGE)('replay %j: says what is wrong with it, exit status 2', (argv, sentence) => {
    expect(irqchip(['replay', ...argv])).toMatchObject({ status: 2, out: '', err: `irqchip: ${sentence}\nTry 'irqchip --help'.\n` });
  });

  test('help names the command, and its own help its options', () => {
    expect(irqchip(['--help']).out).toMatch(/^Usage: irqchip boot [\s\S]*^Usage: irqchip replay FILE/m);
    expect(irqchip(['replay', '--help'])).toMatchObject({ status: 0, out: expect.stringMatching(/^Usage: irqchip replay FILE[\s\S]*--quirks NAME/) });
  });
});

test('a model from outside goes before those of the framework', () => {
  const silent = { compatible: ['sifive,plic-1.0.0'], create: () => ({ devices: [{ read: () => 0, write: () => undefined }], setInput: () => undefined }) };
  expect(irqchip(['replay', file('plic-rand-101')], { hardware: [silent] }).status).toBe(1);
});
