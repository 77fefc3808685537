/** docs/race-tutorial.md: its driver is damaged as it says, fixed as it says, and prints what it shows. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { barrierReport, modelNamed, printBarriers, type Scene } from '../src/index.ts';

const page = readFileSync(new URL('../../../docs/race-tutorial.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({ language: language!, text: text! }));

/** Where `@irqchip/race` is found as by a reader who installed it. */
const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'irqchip-tutorial-'));
const race = fileURLToPath(new URL('..', import.meta.url));
mkdirSync(path.join(folder, 'node_modules/@irqchip'), { recursive: true });
for (const name of readdirSync(path.join(race, 'node_modules/@irqchip'))) symlinkSync(realpathSync(path.join(race, 'node_modules/@irqchip', name)), path.join(folder, 'node_modules/@irqchip', name));
symlinkSync(race, path.join(folder, 'node_modules/@irqchip/race'));
afterAll(() => { rmSync(folder, { recursive: true }); });

const files = new Map<string, string>();
let version = 0;

function apply(diff: string): void {
  const side = (drop: string): string => diff.split('\n').filter((line) => line !== '' && !line.startsWith(drop)).map((line) => line.slice(1)).join('\n');
  const pieces = files.get('mailbox.ts')!.split(side('+'));
  if (pieces.length !== 2) throw new Error(`the driver has not once what is to be replaced:\n${diff}`);
  files.set('mailbox.ts', pieces.join(side('-')));
  version++;
}

async function load<T>(name: string): Promise<T> {
  const place = path.join(folder, `version${version}`);
  mkdirSync(place, { recursive: true });
  for (const [file, text] of files) writeFileSync(path.join(place, file), text);
  return await import(path.join(place, name)) as T;
}

async function printed(shown: string): Promise<string> {
  const { scene } = await load<{ scene: Scene<unknown> }>('scene.ts');
  if (shown.startsWith('two messages under')) return `${printBarriers(barrierReport(scene, { model: modelNamed('rvio') }))}\n`;
  const { report } = await load<{ report: (scene: Scene<unknown>, model: string) => string }>('report.ts');
  return `${report(scene, /^\w+/.exec(shown)![0]).trimEnd()}\n`;
}

const outputs: { shown: string; real: string }[] = [];
for (const { language, text } of blocks) {
  if (language === 'ts') files.set(/^\/\/ (\S+)/.exec(text)![1]!, text);
  else if (language === 'diff') apply(text);
  else outputs.push({ shown: text, real: await printed(text) });
}
// Brings the test of the page with it.
await load('mailbox.test.ts');

test('the page has its driver, its scene, three fixes and seven outputs', () => {
  expect([[...files.keys()], version, outputs.length]).toEqual([['mailbox.ts', 'scene.ts', 'report.ts', 'mailbox.test.ts'], 3, 7]);
});

test.each(outputs.map(({ shown, real }, index) => [`${index + 1}, ${shown.split('\n')[0]!}`, shown, real]))('output %s: is what is printed', (_name, shown, real) => {
  expect(real).toBe(shown);
});
