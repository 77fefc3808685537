// Loader hook: strips types from this workspace's TypeScript sources as they are imported.
// What swc made is kept in node_modules/.cache/irqchip, one file per source, good for as long as its first line names the
// same content and compiler; so swc itself is loaded only when something changed.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const cacheDir = fileURLToPath(new URL('../node_modules/.cache/irqchip/', import.meta.url));
const options = {
  swcrc: false,
  configFile: false,
  sourceMaps: 'inline',
  module: { type: 'es6' },
  jsc: {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, useDefineForClassFields: true },
  },
};
const compiler = `${require('@swc/core/package.json').version} ${JSON.stringify(options)}`;

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !/\.m?ts(\?|$)/.test(url) || url.includes('/node_modules/')) return next(url, context);
  const filename = fileURLToPath(url);
  return { format: 'module', source: await transpile(filename, await readFile(filename, 'utf8')), shortCircuit: true };
}

async function transpile(filename, source) {
  const stamp = `// ${hash(compiler + filename + source)}\n`;
  const cached = `${cacheDir}${hash(filename).slice(0, 24)}.mjs`;
  const old = await readFile(cached, 'utf8').catch(() => '');
  if (old.startsWith(stamp)) return old.slice(stamp.length);
  const { transform } = await import('@swc/core');
  const { code } = await transform(source, { ...options, filename });
  // A cache that cannot be written (read-only checkout) costs time, nothing else.
  await store(cached, stamp + code).catch(() => undefined);
  return code;
}

async function store(file, text) {
  await mkdir(cacheDir, { recursive: true });
  const fresh = `${file}.${process.pid}`;
  await writeFile(fresh, text);
  await rename(fresh, file);
}

function hash(text) {
  return createHash('sha256').update(text).digest('hex');
}
