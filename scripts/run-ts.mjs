#!/usr/bin/env node
// Runs any TypeScript file of the workspace from source: node scripts/run-ts.mjs FILE ARGS…
import path from 'node:path';
import { runSource } from './run-source.mjs';

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: node scripts/run-ts.mjs FILE.ts [ARGS…]');
  process.exit(2);
}
runSource(path.resolve(file), args, ['--expose-gc']);
