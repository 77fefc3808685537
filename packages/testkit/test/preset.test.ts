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

describe('a name that the other module does not export', () => {
  const options = { supportsStaticESM: false, config: {}, instrument: false } as never;

  /** Runs modules as Jest would, the first of them, and gives what it exports. */
  function run(sources: Record<string, string | object>, [first] = Object.keys(sources)): object {
    const modules = new Map<string, { exports: object }>();
    const load = (name: string): object => {
      const source = sources[name]!;
      if (typeof source === 'object') return source;
      const known = modules.get(name);
      if (known !== undefined) return known.exports;
      const module = { exports: {} };
      modules.set(name, module);
      const { code } = transformer.process!(source, `/x/${name}.ts`, options) as { code: string };
      // eslint-disable-next-line @typescript-eslint/no-implied-eval -- a module system of its own
      new Function('module', 'exports', 'require', code)(module, module.exports, load);
      return module.exports;
    };
    return load(first!);
  }

  test('is a SyntaxError that says which was meant, even where it is used later or not called', () => {
    const registers = 'export const PENDING = 4;';
    const error = (imports: string): unknown => {
      try {
        return run({ './a': `import ${imports} from './registers.ts';\nexport const at = () => X;`, './registers.ts': registers });
      } catch (thrown) {
        return thrown;
      }
    };
    expect(error('{ PENDNG as X }')).toEqual(new SyntaxError('./registers.ts exports no PENDNG; did you mean PENDING?'));
    expect(error('{\n  // the register\n  ENABLE as X,\n}')).toEqual(new SyntaxError('./registers.ts exports no ENABLE'));
    expect(error('whole, { PENDNG as X }')).toMatchObject({ message: './registers.ts exports no PENDNG; did you mean PENDING?' });
    expect(error('{ PENDING as X }')).toHaveProperty('at');
    const flows = { './a': "import { handleLevlIrq as X } from './flows.ts';\nexport const at = () => X;", './flows.ts': 'export const handleEdgeIrq = 1, handleLevelIrq = 2;' };
    expect(() => run(flows)).toThrow('./flows.ts exports no handleLevlIrq; did you mean handleLevelIrq?');
    expect(error('{ $gone as X }')).toEqual(new SyntaxError('./registers.ts exports no $gone'));
  });

  test('is none of a type, of a namespace, of a mock, or of a package that is no ES module', () => {
    const from = { './b': 'export const b = 1;', './cjs': 'exports.there = 1;', './mock': {}, './none': null as unknown as object };
    expect(run({ './a': "import { b, type T, U } from './b';\nexport let u: U;\nexport const a = b;", ...from })).toHaveProperty('a', 1);
    expect(run({ './a': "import * as all from './b';\nexport const a = all.c;", ...from })).toHaveProperty('a', undefined);
    expect(run({ './a': "import { gone } from './cjs';\nimport { away } from './mock';\nexport const a = [gone, away];", ...from })).toHaveProperty('a', [undefined, undefined]);
    expect(run({ './a': "export const a = `import { gone } from './b';`;", ...from })).toHaveProperty('a');
  });

  test('is none of modules that import each other: what is not there yet may come', () => {
    expect(run({
      './a': "import { b } from './b';\nexport const later = () => b();\nexport const a = 1;",
      './b': "import { a } from './a';\nexport const b = () => a;",
    })).toMatchObject({ a: 1 });
  });

  test('is looked for on the lines that are there already', () => {
    const source = "import { a } from './a';\nimport { b } from './b';\nexport const c = a + b;\n";
    const lines = (transformer.process!(source, '/x/c.ts', options) as { code: string }).code.split('\n');
    const at = lines.findIndex((line) => line.startsWith('const _a ='));
    expect(lines.slice(at, at + 3)).toEqual([
      'const _a = require("./a"); irqchipCheckImport(_a, "./a", ["a"]);', 'const _b = require("./b"); irqchipCheckImport(_b, "./b", ["b"]);', 'const c = _a.a + _b.b;',
    ]);
  });

  test('is looked for in no time, in a large module, too', () => {
    const source = `import { a } from './a';\n${Array.from({ length: 3000 }, (_, i) => `export const name${i} = a(${i}, 'text');`).join('\n')}`;
    const begin = performance.now();
    transformer.process!(source, '/x/c.ts', options);
    expect(performance.now() - begin).toBeLessThan(2000);
  });

  test('keeps apart what an older version of this transformed', () => {
    const key = transformer.getCacheKey!('', '/x/a.ts', { config: {}, configString: '', supportsStaticESM: false } as never);
    expect(key).toMatch(/^irqchip-\d+/);
  });
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
  expect('./mux8.js'.replace(new RegExp(pattern), to)).toBe('./mux8');
  expect('eventemitter3/index.js'.replace(new RegExp(pattern), to)).toBe('eventemitter3/index.js');
});
