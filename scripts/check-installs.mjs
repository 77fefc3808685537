#!/usr/bin/env node
// Installs every package as a user would, alone into an empty folder, from a registry on loopback, and uses it there: every
// entry by `import` and by `require`, the first TypeScript sample of its README and its command, on Node 20, 22 and 24; and by
// the type checker under moduleResolution nodenext (ES modules and CommonJS) and bundler. Needs `pnpm build`.
//   node scripts/check-installs.mjs [NAME…]           all packages, or those named (`smp`, `create`, …)
//   node scripts/check-installs.mjs --quick [NAME…]   on this Node alone, without the type checker
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findNodes, thisNode } from './installs/nodes.mjs';
import { checkSampleTypes, checkTypes, companions, entriesOf, install, run, writeJestConfig, writeSample, writeUses } from './installs/project.mjs';
import { serveTarballs } from './installs/registry.mjs';
import { scaffoldJobs } from './installs/scaffold.mjs';
import { pack, packageNames } from './pack.mjs';

const AT_ONCE = 2;

async function main(args) {
  const quick = args.includes('--quick');
  const named = args.filter((arg) => !arg.startsWith('--'));
  const scratch = mkdtempSync(path.join(tmpdir(), 'irqchip-installs-'));
  try {
    const tarballs = path.join(scratch, 'tarballs');
    const [nodes] = await Promise.all([quick ? thisNode() : findNodes(), pack(packageNames, tarballs)]);
    const shelf = await serveTarballs(tarballs);
    try {
      const names = [...shelf.packages.keys()].filter((name) => named.length === 0 || named.includes(path.basename(name)));
      const jobs = names.map((name) => ({ name, work: usePackage({ shelf, name, project: path.join(scratch, path.basename(name)), nodes, quick }) }));
      if (names.includes('@irqchip/create')) jobs.push(...scaffoldJobs({ shelf, scratch, nodes, quick }));
      process.exitCode = await runAll(jobs, nodes) > 0 ? 1 : 0;
    } finally {
      shelf.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Runs the jobs, prints a line for each, returns how many failed. */
async function runAll(jobs, nodes) {
  const started = performance.now();
  const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
  const queue = [...jobs];
  let failed = queue.length === 0 ? 1 : 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const start = performance.now();
      const attempts = new Attempts();
      await attempts.try('run', () => job.work(attempts));
      attempts.done.delete('run');
      const { done, problems } = attempts;
      if (problems.length > 0) failed++;
      console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${job.name}: ${[...done].join(', ')} (${seconds(start)})`);
      for (const problem of problems) console.log(`       ${problem.trim().replaceAll('\n', '\n       ')}`);
    }
  }));
  console.log(`installs: ${jobs.length} checked on Node ${nodes.map(({ version }) => version).join(', ')}, ${failed} with problems, ${seconds(started)}`);
  return failed;
}

/** What was tried in one folder, and what came of it. */
class Attempts {
  done = new Set();
  problems = [];

  /** True when `work` went well; `on` says where, in a complaint. */
  async try(what, work, on = '') {
    try {
      await work();
      this.done.add(what);
      return true;
    } catch (error) {
      this.problems.push(`${what}${on}: ${`${error.stdout ?? ''}${error.stderr ?? ''}`.trim() || String(error)}`);
      return false;
    }
  }
}

function usePackage({ shelf, name, project, nodes, quick }) {
  const { manifest } = shelf.packages.get(name);
  const entries = entriesOf(manifest);
  return async (attempts) => {
    if (!await attempts.try('install', () => install(project, shelf, [name]))) return;
    writeUses(project, entries);
    for (const node of nodes) await useEntries({ attempts, project, name, entries, node, bin: manifest.bin ?? {} });
    if (!quick && entries.length > 0) for (const resolution of ['nodenext', 'bundler']) await attempts.try(`types (${resolution})`, () => checkTypes(project, resolution));
    await useSample({ attempts, shelf, project, name, nodes, quick });
  };
}

async function useEntries({ attempts, project, name, entries, node: { version, path: node }, bin }) {
  const on = ` on Node ${version}`;
  const start = (...command) => run(node, command, { cwd: project });
  if (entries.length > 0) await attempts.try('import', () => start('uses.mjs'), on);
  if (entries.length > 0) await attempts.try('require', () => start('uses.cjs'), on);
  for (const [command, file] of Object.entries(bin)) await attempts.try(command, () => start(path.join('node_modules', name, file), '--help'), on);
}

async function useSample({ attempts, shelf, project, name, nodes, quick }) {
  const readme = readFileSync(path.join(project, 'node_modules', name, 'README.md'), 'utf8');
  const sample = await writeSample(project, readme);
  if (sample === null) return;
  const more = companions(readme, name);
  if (more.length > 0 && !await attempts.try(`with ${more.join(', ')}`, () => install(project, shelf, more))) return;
  const isSuite = writeJestConfig(project, sample);
  for (const { version, path: node } of nodes) {
    const command = isSuite ? ['node_modules/jest/bin/jest.js'] : [`${sample}${runsTypeScript(version) ? '.ts' : '.mjs'}`];
    await attempts.try('README sample', () => run(node, command, { cwd: project }), ` on Node ${version}`);
  }
  if (!quick) await attempts.try('types of the sample', () => checkSampleTypes(project, sample));
}

/** From 22.18 on Node takes the types off by itself. */
function runsTypeScript(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}

await main(process.argv.slice(2));
