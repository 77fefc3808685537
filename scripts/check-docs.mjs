#!/usr/bin/env node
// Runs what the pages of docs/ show, block by block, in an empty folder a page, on this workspace's sources.
//   node scripts/check-docs.mjs [--show] [PAGE…]     --show prints what the commands print
//
//   ```ts src/mux8.ts        the text of that file from here on
//   ```sh                    commands that must succeed: `npm test [PATTERN]` is run, after tsc where the page has a tsconfig.json;
//                            others are for the reader
//   ```sh fails              commands that must fail
//   ```text                  after such a block: lines of its output, in this order; … stands for anything
//   ```ts from packages/…    lines that stand so in that file
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const docs = path.join(root, 'docs');
/** A package whose dependencies are those of a driver's tests. */
const MODULES = path.join(root, 'packages/create/node_modules');

class Page {
  problems = [];
  ran = 0;
  output = '';

  constructor(name, folder, show) {
    this.name = name;
    this.folder = folder;
    this.show = show;
    symlinkSync(MODULES, path.join(folder, 'node_modules'));
  }

  check() {
    const text = readFileSync(path.join(docs, this.name), 'utf8');
    for (const { line, language, rest, body } of blocks(text)) {
      const complain = (what) => this.problems.push(`docs/${this.name}:${line}: ${what}`);
      if (rest.startsWith('from ')) this.excerpt(rest.slice('from '.length), body, complain);
      else if (language === 'sh') this.commands(body, rest === 'fails', complain);
      else if (language === 'text') this.printed(body, complain);
      else if (rest !== '') this.write(rest, body);
    }
    for (const [, link] of text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/\]\(([^()\s#]+)(#[^()\s]*)?\)/g)) {
      if (!/^[a-z]+:/.test(link) && !existsSync(path.join(docs, link))) this.problems.push(`docs/${this.name} links to ${link}, which is not there`);
    }
  }

  write(file, body) {
    mkdirSync(path.join(this.folder, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(this.folder, file), body);
  }

  commands(body, fails, complain) {
    for (const command of body.split('\n').filter((line) => /^npm test\b/.test(line))) {
      const types = existsSync(path.join(this.folder, 'tsconfig.json')) ? tsc(this.folder) : '';
      if (types !== '') complain(`tsc: ${types}`);
      const { status, text } = jest(this.folder, command.split(/\s+/).slice(2).filter((word) => word !== '--'));
      this.output = text;
      this.ran++;
      if (this.show) console.log(`$ ${command}\n${text}`);
      if ((status !== 0) !== fails) complain(`${command}: exit status ${status}\n${text}`);
    }
  }

  printed(body, complain) {
    let at = 0;
    for (const line of body.split('\n').map((text) => text.trim()).filter((text) => text !== '' && text !== '…')) {
      const parts = line.split('…').map((part) => part.trim());
      const pattern = new RegExp(parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+')).join('[^\\n]*'), 'g');
      pattern.lastIndex = at;
      const found = pattern.exec(this.output);
      if (found === null) return complain(`the command does not print, after what comes before it: ${line}\n${this.output}`);
      at = pattern.lastIndex;
    }
  }

  excerpt(file, body, complain) {
    const flat = (text) => text.split('\n').map((line) => line.trim()).filter((line) => line !== '').join('\n');
    const source = existsSync(path.join(root, file)) ? flat(readFileSync(path.join(root, file), 'utf8')) : '';
    for (const part of body.split(/^\s*\/\/ …$/m)) if (!source.includes(flat(part))) complain(`${file} has no such lines:\n${part}`);
  }
}

function* blocks(text) {
  for (const match of text.matchAll(/^```([a-z]+)(?:[ \t]+(.*))?\n([\s\S]*?)^```$/gm)) {
    yield { line: text.slice(0, match.index).split('\n').length, language: match[1], rest: match[2] ?? '', body: match[3] };
  }
}

/** What the type checker has against the page's files, with the page's own options; '' for nothing. */
function tsc(folder) {
  const args = [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--customConditions', '@irqchip/source', '--typeRoots', path.join(root, 'node_modules/@types')];
  return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }).stdout.trim();
}

function jest(folder, patterns) {
  const config = {
    rootDir: folder,
    testEnvironmentOptions: { customExportConditions: ['@irqchip/source', 'node', 'node-addons'] },
    extensionsToTreatAsEsm: ['.ts'],
    testMatch: ['<rootDir>/**/*.test.ts'],
    transform: { '^.+\\.ts$': [path.join(root, 'node_modules/@swc/jest'), { swcrc: false, module: { type: 'es6' }, jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true }, transform: { legacyDecorator: true } } }] },
  };
  const args = ['--experimental-vm-modules', '--no-warnings', path.join(root, 'node_modules/jest/bin/jest.js'), '-i', '--verbose', '--config', JSON.stringify(config), ...patterns];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' } });
  return { status, text: `${stdout}${stderr}` };
}

const show = process.argv.includes('--show');
const named = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const pages = readdirSync(docs).filter((name) => name.endsWith('.md') && (named.length === 0 || named.includes(name.replace(/\.md$/, '')) || named.includes(name)));
let problems = 0;
let ran = 0;
for (const name of pages) {
  const folder = mkdtempSync(path.join(tmpdir(), 'irqchip-docs-'));
  try {
    const page = new Page(name, folder, show);
    page.check();
    for (const problem of page.problems) console.error(problem);
    problems += page.problems.length;
    ran += page.ran;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
console.log(`docs: ${pages.length} pages, ${ran} commands run, ${problems} problems`);
process.exitCode = problems > 0 || pages.length === 0 ? 1 : 0;
