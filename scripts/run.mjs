#!/usr/bin/env node
// The irqchip command from its TypeScript sources: no build needed.
import path from 'node:path';
import { root, runSource } from './run-source.mjs';

runSource(path.join(root, 'packages/cli/src/main.ts'), process.argv.slice(2));
