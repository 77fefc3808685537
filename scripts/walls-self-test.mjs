import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A small workspace that keeps every wall. */
const sound = {
  'packages/smp/src/index.ts': `export { word, type Word } from './word.ts';`,
  'packages/smp/src/word.ts': `import type { Other } from './other.ts';\nexport interface Word { other: Other }\nexport const word = 1;`,
  'packages/smp/src/other.ts': `import type { Word } from './word.ts';\nexport interface Other { word: Word }`,
  'packages/genirq-core/src/index.ts': `import { word } from '@irqchip/smp';\nexport const core: number = word;`,
  'packages/genirq-core/src/di.ts': `import 'reflect-metadata';\nimport { Container } from 'inversify';\nexport const box = Container;`,
  'packages/genirq-core/test/core.test.ts': `import fs from 'node:fs';\nimport { core } from '../src/index.ts';\nexport default [fs, core];`,
  'packages/drivers-clint/src/index.ts': `import { core } from '@irqchip/genirq-core';\nimport { MSIP } from './registers.ts';\nexport const clint = core + MSIP;`,
  'packages/drivers-clint/src/registers.ts': `export const MSIP = 0;`,
  'packages/drivers-clint/hardware/index.ts': `import { word } from '@irqchip/smp';\nimport { MSIP } from '../src/registers.ts';\nexport const model = word + MSIP;`,
  'packages/drivers-sbi/src/index.ts': `export const sbi = 1;`,
  'packages/cli/src/index.ts': `import fs from 'node:fs';\nimport { core } from '@irqchip/genirq-core';\nexport default [fs, core];`,
};

/** At least one breach of every wall. */
const breaches = [
  { rule: 'room-smp', file: 'packages/smp/src/up.ts', line: `import '@irqchip/genirq-core';` },
  { rule: 'room-smp', file: 'packages/smp/test/up.test.ts', line: `import type { core } from '@irqchip/genirq-core';\nexport type Core = typeof core;` },
  { rule: 'room-genirq-core', file: 'packages/genirq-core/src/up.ts', line: `export * from '@irqchip/drivers-clint';` },
  { rule: 'room-drivers-clint', file: 'packages/drivers-clint/src/sideways.ts', line: `import '@irqchip/drivers-sbi';` },
  { rule: 'front-door', file: 'packages/drivers-clint/src/window.ts', line: `import '../../smp/src/word.ts';` },
  { rule: 'front-door', file: 'bench/src/window.ts', line: `import '../../packages/smp/src/index.ts';` },
  { rule: 'support-is-for-tests', file: 'packages/drivers-clint/src/support.ts', line: `import '../../../test-support/src/index.ts';` },
  { rule: 'resolvable', file: 'packages/drivers-clint/src/window.ts', line: `import '@irqchip/smp/src/word.ts';` },
  { rule: 'resolvable', file: 'packages/drivers-clint/src/undeclared.ts', line: `import '@irqchip/cpuhp';` },
  { rule: 'nothing-outside', file: 'packages/smp/src/outside.ts', line: `import '../../../outside.ts';` },
  { rule: 'internals', file: 'packages/drivers-clint/src/internal.ts', line: `import '../../irqdesc/src/internals.ts';` },
  { rule: 'src-not-hardware', file: 'packages/drivers-clint/src/peek.ts', line: `import '../hardware/index.ts';` },
  { rule: 'hardware-not-driver', file: 'packages/drivers-clint/hardware/peek.ts', line: `import '../src/index.ts';` },
  { rule: 'registers-are-leaves', file: 'packages/drivers-clint/src/registers.ts', line: `export * from './leaf.ts';` },
  { rule: 'container-in-di', file: 'packages/genirq-core/src/lookup.ts', line: `import type { Container } from 'inversify';\nexport type Box = Container;` },
  { rule: 'container-in-di', file: 'packages/genirq-core/src/flow/di.ts', line: `import 'reflect-metadata';` },
  { rule: 'no-test-tools', file: 'packages/genirq-core/src/spy.ts', line: `import 'fast-check';` },
  { rule: 'ports-not-node', file: 'packages/drivers-clint/hardware/clock.ts', line: `import 'node:perf_hooks';` },
  { rule: 'declared', file: 'packages/genirq-core/src/undeclared.ts', line: `import 'eventemitter3';` },
  { rule: 'no-cycles', file: 'packages/smp/src/ring-a.ts', line: `import './ring-b.ts';` },
];

/** Further files that some breaches lead to. */
const targets = {
  'test-support/src/index.ts': `export {};`,
  'outside.ts': `export {};`,
  'packages/irqdesc/src/internals.ts': `export {};`,
  'packages/drivers-clint/src/leaf.ts': `export const leaf = 1;`,
  'packages/smp/src/ring-b.ts': `import './ring-a.ts';`,
};

/** Plants the breaches; true when the sound workspace passes, every breach is found, and no kind of wall went untried. */
export async function selfTest(root, check, rules) {
  const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'irqchip-walls-')));
  try {
    lay(root, base);
    const clean = await check(base);
    const problems = [...clean.breaches.map(({ rule, from, to }) => `the sound workspace breaks ${rule}: ${from} -> ${to}`), ...clean.unread];
    for (const [file, text] of Object.entries(targets)) write(base, file, text);
    for (const { rule, file, line } of breaches) {
      const before = sound[file];
      write(base, file, before === undefined ? line : `${before}\n${line}`);
      const found = await check(base);
      if (!found.breaches.some((breach) => breach.rule === rule && breach.from === file)) problems.push(`not found: ${rule} in ${file}: ${line}`);
      if (before === undefined) rmSync(path.join(base, file));
      else write(base, file, before);
    }
    const tried = new Set(breaches.map(({ rule }) => rule));
    for (const rule of rules) if (!rule.startsWith('room-') && !tried.has(rule)) problems.push(`no breach of ${rule} was planted`);
    for (const problem of problems) console.error(problem);
    console.log(`walls self-test: ${breaches.length} breaches planted, ${problems.length} problems`);
    return problems.length === 0;
  } finally {
    rmSync(base, { recursive: true });
  }
}

function lay(root, base) {
  for (const [file, text] of Object.entries(sound)) write(base, file, text);
  const names = new Set(Object.keys(sound).map((file) => file.split('/')[1]));
  for (const name of names) {
    const modules = path.join(base, 'packages', name, 'node_modules');
    mkdirSync(path.join(modules, '@irqchip'), { recursive: true });
    for (const other of names) symlinkSync(path.join(base, 'packages', other), path.join(modules, '@irqchip', other));
    for (const dependency of ['inversify', 'reflect-metadata', 'eventemitter3']) symlinkSync(path.join(root, 'packages/genirq-core/node_modules', dependency), path.join(modules, dependency));
    symlinkSync(path.join(root, 'node_modules/fast-check'), path.join(modules, 'fast-check'));
    write(base, `packages/${name}/package.json`, JSON.stringify({
      name: `@irqchip/${name}`,
      type: 'module',
      exports: { '.': { '@irqchip/source': './src/index.ts' } },
      dependencies: { inversify: '*', 'reflect-metadata': '*', 'fast-check': '*' },
    }));
  }
}

function write(base, file, text) {
  const target = path.join(base, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, `${text}\n`);
}
