import { readFileSync } from 'node:fs';
import { LKMM, runLitmus, type LitmusTest } from '@irqchip/race';

const FILE = new URL('../../testdata/litmus/litmus.json', import.meta.url);
const PASSES = 9;

/** How fast the checker is: consistent executions a second of the core litmus tests under Linux' model, one core, the median pass. */
export function litmusRate(): { executions: number; perSecond: number } {
  const { tests } = JSON.parse(readFileSync(FILE, 'utf8')) as { tests: LitmusTest[] };
  const core = tests.filter(({ scope }) => scope === 'core');
  const rates: number[] = [];
  let executions = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    const begun = process.hrtime.bigint();
    executions = core.reduce((sum, test) => sum + runLitmus(test, LKMM).executions, 0);
    rates.push(executions / (Number(process.hrtime.bigint() - begun) / 1e9));
  }
  return { executions, perSecond: Math.round(rates.sort((a, b) => a - b)[PASSES >> 1]!) };
}
