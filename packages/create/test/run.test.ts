import { IrqError } from '@irqchip/smp';
import { run, USAGE, type Terminal } from '../src/index.ts';

/** A terminal whose user gives these answers, and a disc with these folders. */
function desk(answers: readonly string[] | null = null, folders: readonly string[] = []) {
  const left = [...answers ?? []];
  const desk = { out: '', err: '', files: new Map<string, string>(), folders: new Set(folders), asked: [] as string[] };
  const terminal: Terminal = {
    out: (text) => { desk.out += text; },
    err: (text) => { desk.err += text; },
    ask: answers && ((question) => {
      desk.asked.push(question);
      return Promise.resolve(left.shift() ?? '');
    }),
    mkdir: (name) => {
      if (desk.folders.has(name)) throw new IrqError('EEXIST', `${name} is there already`);
      desk.folders.add(name);
    },
    write: (file, text) => void desk.files.set(file, text),
    version: '1.2.3',
  };
  return { desk, terminal };
}

test('with a name on the command line nobody is asked anything', async () => {
  const { desk: d, terminal } = desk(['never']);
  await expect(run(['--name', 'acme,mux8'], terminal)).resolves.toBe(0);
  expect(d.asked).toEqual([]);
  expect([...d.files.keys()].sort()).toEqual([
    'mux8/.gitignore', 'mux8/README.md', 'mux8/hardware/mux8.ts', 'mux8/package.json', 'mux8/src/mux8.ts', 'mux8/src/registers.ts', 'mux8/test/mux8.test.ts', 'mux8/tsconfig.json',
  ]);
  expect(d.out).toMatch(/cd mux8\n.*npm install\n.*npm test/);
});

test('what it writes is built on packages of its own version', async () => {
  const { desk: d, terminal } = desk();
  await run(['--name', 'mux8'], terminal);
  const { dependencies, devDependencies } = JSON.parse(d.files.get('mux8/package.json')!) as Record<string, Record<string, string>>;
  const ours = Object.entries({ ...dependencies, ...devDependencies }).filter(([name]) => name.startsWith('@irqchip/'));
  expect(ours.length).toBeGreaterThan(2);
  expect(new Set(ours.map(([, range]) => range))).toEqual(new Set(['^1.2.3']));
});

test.each([
  ['loongson,liointc-2.0', 'liointc-2-0', 'loongson,liointc-2.0'],
  ['70mai,Fan_in', 'fan-in', '70mai,Fan_in'],
  ['mux.8', 'mux-8', 'acme,mux.8'],
])('%s is what the node says, and its files are called %s', async (name, file, compatible) => {
  const { desk: d, terminal } = desk();
  await expect(run(['--name', name], terminal)).resolves.toBe(0);
  expect([...d.files.keys()]).toContain(`${file}/src/${file}.ts`);
  expect(d.files.get(`${file}/src/${file}.ts`)).toContain(`defineIrqchip('${compatible}'`);
});

test('it asks for what is left open, and an empty answer takes the default', async () => {
  const { desk: d, terminal } = desk(['acme,bank', '', '16', 'level']);
  await expect(run([], terminal)).resolves.toBe(0);
  expect(d.asked).toHaveLength(4);
  expect(d.files.get('bank/src/bank.ts')).toMatch(/acme,bank: 16 level lines/);
});

test('a provider of IPIs is not asked for lines', async () => {
  const { desk: d, terminal } = desk(['bells', 'ipi']);
  await expect(run([], terminal)).resolves.toBe(0);
  expect(d.asked).toHaveLength(2);
});

test('nothing is overwritten', async () => {
  const { desk: d, terminal } = desk(null, ['mux8']);
  await expect(run(['--name', 'mux8'], terminal)).resolves.toBe(1);
  expect(d.files.size).toBe(0);
  expect(d.err).toMatch(/mux8 is there already/);
});

test.each([
  [[], 'A driver needs a name: --name mux8.'],
  [['--name', 'Mux 8'], 'as in mux8, acme,mux8 or loongson,liointc-2.0; \'Mux 8\' is not.'],
  [['--name', 'acme,9x'], 'A name, behind its vendor if it has one, starts with a letter'],
  [['--name', 'a,b,c'], 'A name, behind its vendor'],
  [['--name', 'mux..8'], 'A name, behind its vendor'],
  [['--name', 'acme,NEW'], '\'new\' is a word of the language'],
  [['--name', '../mux8'], 'A name, behind its vendor'],
  [['--name', ''], 'A name, behind its vendor'],
  [['--name', 'acme,'], 'A name, behind its vendor'],
  [['--name', 'mux-'], 'A name, behind its vendor'],
  [['--name', 'new'], '\'new\' is a word of the language'],
  [['--name', 'mux8', '--lines', '0'], 'The number of lines is a whole number from 1 to 32, a bit a line; \'0\' is not.'],
  [['--name', 'mux8', '--lines', '33'], 'The number of lines is a whole number from 1 to 32'],
  [['--name', 'mux8', '--lines', '8.5'], 'The number of lines is a whole number from 1 to 32'],
  [['--name', 'mux8', '--lines', '0x8'], 'The number of lines is a whole number from 1 to 32'],
  [['--name', 'mux8', '--lines', ''], 'The number of lines is a whole number from 1 to 32'],
  [['--name', 'mux8', '--kind', 'gpio'], 'A driver\'s kind is wired, ipi or msi; \'gpio\' is none of them.'],
  [['--name', 'mux8', '--trigger', 'rising'], 'A line\'s trigger is edge or level; \'rising\' is neither.'],
  [['--name', 'mux8', '--kind', 'ipi', '--lines', '8'], 'A provider of IPIs has a doorbell a CPU and no lines'],
  [['--name', 'mux8', '--kind', 'msi', '--trigger', 'edge'], 'Only wired lines have a trigger: leave it out for msi.'],
  [['--nmae', 'mux8'], 'The options are --name, --kind, --lines, --trigger and --help.'],
  [['mux8'], 'The options are --name, --kind, --lines, --trigger and --help.'],
])('%j is answered with a sentence, and nothing is written', async (argv, sentence) => {
  const { desk: d, terminal } = desk();
  await expect(run(argv, terminal)).resolves.toBe(2);
  expect(d.err).toContain(sentence);
  expect(d.err.trimEnd().split('\n')).toHaveLength(1);
  expect([d.files.size, d.folders.size]).toEqual([0, 0]);
});

test('--help shows the usage', async () => {
  const { desk: d, terminal } = desk();
  await expect(run(['--help'], terminal)).resolves.toBe(0);
  expect(d.out).toBe(USAGE);
});
