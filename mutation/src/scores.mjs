// Scores, the list of survivors, and the table in docs/mutation.md.
import { readFileSync, writeFileSync } from 'node:fs';

const BEGIN = '<!-- scores: written by the mutation run -->';
const END = '<!-- end of scores -->';

/** Counts of one package. Mutants that were left alone, or that did not compile, do not count. */
export function scoreOf(mutants) {
  const count = (status) => mutants.filter((mutant) => mutant.status === status).length;
  const [killed, timeout, survived, notCovered] = ['Killed', 'Timeout', 'Survived', 'NoCoverage'].map(count);
  const valid = killed + timeout + survived + notCovered;
  return {
    valid, killed, timeout, survived, notCovered,
    /** Of those that timed out, the ones that only the clock ended. */
    byClock: mutants.filter(({ status, statusReason = '' }) => status === 'Timeout' && !statusReason.startsWith('Hit limit')).length,
    ignored: count('Ignored'),
    invalid: count('CompileError') + count('RuntimeError'),
    fixed: mutants.filter((mutant) => mutant.static).length,
    percent: valid === 0 ? 0 : (100 * (killed + timeout)) / valid,
  };
}

/** Every mutant that no test minds, by file and line, as text. `report` is what Stryker's JSON reporter wrote. */
export function survivors(report) {
  return Object.entries(report.files).flatMap(([name, { source, mutants }]) => {
    const lines = source.split('\n');
    return mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
      .sort((a, b) => a.location.start.line - b.location.start.line || a.location.start.column - b.location.start.column)
      .map((mutant) => {
        const { start, end } = mutant.location;
        const text = start.line === end.line ? lines[start.line - 1].slice(start.column - 1, end.column - 1) : `${lines[start.line - 1].slice(start.column - 1)} …`;
        const mark = mutant.status === 'NoCoverage' ? ' (not covered)' : '';
        return `${name}:${start.line}:${start.column}${mark} ${text.trim()} => ${mutant.replacement.replace(/\s+/g, ' ')}`;
      });
  }).join('\n');
}

/** Puts the rows of the packages that were run into the table; other rows stay. */
export function writeTable(file, rows) {
  const page = readFileSync(file, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const [table, after] = rest.split(END);
  const old = new Map(table.split('\n').filter((line) => line.startsWith('| `')).map((line) => [/`([^`]+)`/.exec(line)[1], line]));
  for (const row of rows) old.set(row.name, rowOf(row));
  const head = [
    '| package | mutants | killed | timed out | survived | not covered | score | run on | takes |',
    '|---|--:|--:|--:|--:|--:|--:|---|--:|',
  ];
  writeFileSync(file, `${before}${BEGIN}\n${[...head, ...old.values()].join('\n')}\n${END}${after}`);
}

function rowOf({ name, score, date, seconds }) {
  const cells = [`\`${name}\``, score.valid, score.killed, score.timeout, score.survived, score.notCovered, `${score.percent.toFixed(1)} %`, date, `${seconds} s`];
  return `| ${cells.join(' | ')} |`;
}
