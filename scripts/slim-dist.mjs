#!/usr/bin/env node
// Takes the comments out of the built JavaScript: the same text stands in the declarations next to it, where editors look for it.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const packages = fileURLToPath(new URL('../packages/', import.meta.url));
const compilerOptions = { removeComments: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };

const built = readdirSync(packages).flatMap((name) => filesUnder(path.join(packages, name, 'dist')));
for (const file of built.filter((name) => name.endsWith('.js'))) {
  const text = readFileSync(file, 'utf8');
  const slim = ts.transpileModule(text, { compilerOptions }).outputText;
  if (slim !== text) writeFileSync(file, slim);
}

function filesUnder(folder) {
  if (!statSync(folder, { throwIfNoEntry: false })) return [];
  return readdirSync(folder, { recursive: true }).map((file) => path.join(folder, String(file)));
}
