import { readFileSync } from 'node:fs';
import preset from '@irqchip/testkit/jest-preset';
import transformer from '@irqchip/testkit/transform';

const { exports: doors } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { exports: Record<string, unknown> };

/** As Jest asks for it. */
function transformed(supportsStaticESM: boolean): string {
  const options = { supportsStaticESM, supportsDynamicImport: true, supportsExportNamespaceFrom: true, supportsTopLevelAwait: true, instrument: false } as never;
  const result = transformer.process!('import { a } from "./a.js";\nexport const b: number = a;\n@a class C {}\n', '/x/b.ts', options) as { code: string };
  return result.code;
}

test('TypeScript becomes a CommonJS module, or an ES module where Jest runs those', () => {
  expect(transformed(false)).toMatch(/require\("\.\/a\.js"\)/);
  expect(transformed(true)).toMatch(/import \{ a \} from ".\/a.js"/);
  expect(transformed(true)).not.toMatch(/: number|@a/);
});

test('what the preset names is there', () => {
  const names = [...preset.setupFilesAfterEnv, ...Object.values(preset.transform)];
  expect(names.map((name) => Object.hasOwn(doors, name.replace('@irqchip/testkit', '.')))).toEqual([true, true]);
});

test.each([
  ['/p/node_modules/@irqchip/smp/dist/index.js', false],
  ['/p/node_modules/inversify/lib/index.js', false],
  ['/p/node_modules/.pnpm/@irqchip+smp@0.1.0/node_modules/@irqchip/smp/dist/index.js', false],
  ['/p/node_modules/.pnpm/@inversifyjs+core@9.0.0/node_modules/@inversifyjs/core/lib/index.js', false],
  ['/p/node_modules/expect/build/index.js', true],
  ['/p/node_modules/.pnpm/expect@30.0.0/node_modules/expect/build/index.js', true],
  ['/p/test/a.test.ts', false],
])('%s is left as it is: %s', (file, left) => {
  expect(preset.transformIgnorePatterns.some((pattern) => new RegExp(pattern).test(file))).toBe(left);
});

test('a module that is named as it will be called is found', () => {
  const [[pattern, to]] = Object.entries(preset.moduleNameMapper) as [[string, string]];
  expect('../src/mux8.js'.replace(new RegExp(pattern), to)).toBe('../src/mux8');
  expect('eventemitter3/index.js'.replace(new RegExp(pattern), to)).toBe('eventemitter3/index.js');
});
