#!/usr/bin/env node
// Runs the commands that README.md shows in its sh blocks, as they stand there. The test command is only looked for: it is run on its own.
// Also follows every relative link of every README.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const { packageManager } = JSON.parse(readFileSync('package.json', 'utf8'));
const pnpm = `npx -y ${packageManager}`;
const problems = [];

const readme = existsSync('README.md') ? readFileSync('README.md', 'utf8') : '';
const commands = [...readme.matchAll(/^```(?:sh|bash|console)\n([\s\S]*?)^```$/gm)].flatMap(([, block]) => block.split('\n'))
  .map((line) => line.replace(/^\$ /, '').replace(/\s+#.*$/, '').trim())
  .filter((line) => line.startsWith('npx '));
for (const needed of [`${pnpm} start`, `${pnpm} test`]) {
  if (!commands.includes(needed)) problems.push(`README.md shows no sh block with the command: ${needed}`);
}
let ran = 0;
for (const command of new Set(commands)) {
  if (!command.startsWith(`${pnpm} `)) problems.push(`README.md runs another pnpm than package.json names: ${command}`);
  if (/ test$/.test(command)) continue;
  console.log(`$ ${command}`);
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8', timeout: 300_000 });
  if (status !== 0 || stdout.trim() === '') problems.push(`${command}: exit status ${status}, ${stdout.length} characters of output\n${stdout.slice(-2000)}${stderr.slice(-2000)}`);
  ran++;
}

const pages = ['README.md', ...readdirSync('packages').map((name) => `packages/${name}/README.md`)].filter((page) => existsSync(page));
for (const page of pages) {
  const prose = readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
  for (const [, link] of prose.matchAll(/\]\(([^()\s]+)\)/g)) {
    const file = link.split('#')[0];
    if (!/^[a-z]+:/.test(link) && file !== '' && !existsSync(path.join(path.dirname(page), file))) problems.push(`${page} links to ${link}, which is not there`);
  }
}

for (const problem of problems) console.error(problem);
console.log(`README: ${ran} commands run, ${pages.length} pages read, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
