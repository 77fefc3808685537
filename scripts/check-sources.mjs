#!/usr/bin/env node
// Installing must fetch packages from whatever registry the user has configured, and nothing else from anywhere:
// no host is named in any file, no dependency comes by URL, git or file, and no install script runs.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const problems = [];

const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' }).split('\0').filter((file) => file && existsSync(file));
const hosts = new RegExp(['npmjs', 'yarnpkg', 'npmmirror', 'jsr'].map((name) => `${name}\\.(org|com|io)`).join('|') + String.raw`|registry\.[a-z0-9-]+\.[a-z]+|registry\s*=\s*['\"]?(https?:|//|\$)|registry\s*:\s*['"]?http`, 'i');
for (const file of files) {
  const bytes = readFileSync(file);
  if (bytes.includes(0)) continue;
  bytes.toString('utf8').split('\n').forEach((line, index) => {
    if (hosts.test(line)) problems.push(`${file}:${index + 1} names a package registry`);
  });
}

const lock = readFileSync('pnpm-lock.yaml', 'utf8').split('\n');
lock.forEach((line, index) => {
  if (/registry|https?:|git\+|(?<![\w/-])git@|tarball:|[\s"(]file:/i.test(line)) problems.push(`pnpm-lock.yaml:${index + 1} leads elsewhere: ${line.trim()}`);
  if (/^ +resolution:/.test(line) && !/^ +resolution: \{integrity: sha512-[A-Za-z0-9+/=]+\}$/.test(line)) problems.push(`pnpm-lock.yaml:${index + 1} has a resolution without a checksum, or with more than that: ${line.trim()}`);
});
if (!lock.some((line) => /^ +resolution:/.test(line))) problems.push('pnpm-lock.yaml lists no package at all');

for (const file of files.filter((name) => /(^|\/)package\.json$/.test(name))) {
  const { scripts = {}, dependencies, devDependencies, peerDependencies, optionalDependencies } = JSON.parse(readFileSync(file, 'utf8'));
  for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies, ...peerDependencies, ...optionalDependencies })) {
    if (!/^(workspace:[\^~*]|catalog:|[\^~]?\d[\w.+-]*)$/.test(range)) problems.push(`${file}: ${name} comes from "${range}"`);
  }
  for (const script of ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare']) {
    if (scripts[script]) problems.push(`${file}: the ${script} script would run at every install`);
  }
}

const workspace = readFileSync('pnpm-workspace.yaml', 'utf8');
const builds = /^allowBuilds:\n((?: +.*\n?)*)/m.exec(workspace)?.[1] ?? '';
for (const line of builds.split('\n')) if (/:\s*true\b/.test(line)) problems.push(`pnpm-workspace.yaml lets an install script run: ${line.trim()}`);
if (/^(onlyBuiltDependencies|dangerouslyAllowAllBuilds)\b/m.test(workspace)) problems.push('pnpm-workspace.yaml lets install scripts run');

for (const problem of problems) console.error(problem);
console.log(`sources: ${files.length} files, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
