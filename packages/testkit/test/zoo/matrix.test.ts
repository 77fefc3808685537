import { writeFileSync } from 'node:fs';
import { runConformance } from '@irqchip/testkit';
import { conformanceCases } from '../../src/conformance/cases.ts';
import { FAULTS } from './faults.ts';
import { plant } from './plant.ts';
import { optionsOf } from './subjects.ts';
test('matrix', async () => {
  const out: string[] = [];
  const finds = new Map<string, string[]>(conformanceCases.map(({ name }) => [name, []]));
  for (const fault of FAULTS) {
    const t = Date.now();
    const r = runConformance(optionsOf(fault.driver, await plant(fault)));
    for (const each of new Set(r.filter(({ result }) => result === 'failed').map(({ name }) => name.replace(/ \((edge|level)\)$/, '')))) finds.get(each)!.push(`${fault.killedBy === each ? '* ' : ''}${fault.driver}: ${fault.what}`);
    const failed = r.filter(({ result }) => result === 'failed');
    out.push(`\n## ${fault.driver}: ${fault.what}  [${fault.killedBy}] ${failed.some(({name}) => name.startsWith(fault.killedBy)) ? '' : 'WRONG'} ${Date.now() - t} ms`);
    for (const f of failed) out.push(`  - ${f.name}: ${f.reason.split('\n').slice(0, process.env['LONG'] ? 99 : 1).join('\n      ')}`);
  }
  writeFileSync('/tmp/h/c2finds.txt', [...finds].map(([name, whats]) => `${name}\n    ${whats.join('\n    ')}`).join('\n'));
  writeFileSync('/tmp/h/c2matrix.txt', out.join('\n'));
}, 600000);
