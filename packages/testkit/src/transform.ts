import type { Options } from '@swc/core';
import swcJest from '@swc/jest';

type Transformer = ReturnType<typeof swcJest.createTransformer>;

/** In whatever this makes; Jest keeps what it transformed by the transformer's key. */
const VERSION = 'irqchip-3';

const options: Options = {
  swcrc: false,
  sourceMaps: 'inline',
  jsc: {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, useDefineForClassFields: true },
  },
};

const swc: Transformer = swcJest.createTransformer({ ...options });

/**
 * Jest's transformer of the preset: TypeScript and ES modules, for whichever kind of modules Jest runs. In a CommonJS module,
 * too, a name that the other module does not export is a SyntaxError, and not undefined.
 */
const transformer: Transformer = {
  ...swc,
  process: (source, file, jest) => {
    const result = swc.process!(source, file, jest) as { code: string };
    return { ...result, code: checkImports(source, result.code) };
  },
  getCacheKey: (source, file, ...rest) => VERSION + swc.getCacheKey!(source, file, ...rest as [never]),
};

export default transformer;

/** `import a, { b as c, type D } from 'x'`; those that are only types are not in the output. */
const IMPORT = /\bimport\s+(?:[\w$]+\s*,\s*)?\{([^}]*)\}\s*from\s*(['"])([^'"]+)\2/g;

/** Adds the checks behind each `require`, on its line, so that lines stay what they are. */
function checkImports(source: string, code: string): string {
  if (!code.includes('(exports, "__esModule"')) return code;
  const names = new Map<string, string[]>();
  for (const [, list, , from] of source.matchAll(IMPORT)) {
    const named = list!.replace(/\/\*[^]*?\*\/|\/\/.*/g, '').split(',').map((one) => one.trim().split(/\s/)[0]!);
    names.set(from!, [...names.get(from!) ?? [], ...named]);
  }
  // From the underscore on, that swc gives modules: a source map is one long word, and must not be gone through letter by letter.
  const uses = new Set(code.match(/\b_[\w$]*\.[\w$]+/g));
  const checked = code.replace(/^const ([\w$]+) = .*\brequire\("([^"]+)"\)\)?;$/gm, (line, module: string, from: string) => {
    const used = names.get(from)?.filter((name) => uses.has(`${module}.${name}`)) ?? [];
    return used.length === 0 ? line : `${line} irqchipCheckImport(${module}, "${from}", ${JSON.stringify(used)});`;
  });
  return `${checked}\n${String(irqchipCheckImport)}\nObject.defineProperty(exports, Symbol.for("irqchip.module"), { value: true });\n`;
}

/** Becomes part of the module that imports. What this has not made, or what is not evaluated to its end, is left alone. */
function irqchipCheckImport(module: unknown, from: string, names: readonly string[]): void {
  const exported = Object(module) as object;
  if (!Object.hasOwn(exported, Symbol.for('irqchip.module'))) return;
  for (const name of names) {
    if (name in exported) continue;
    // Letters that one has and the other has not.
    const distance = (other: string): number => {
      const rest = [...other.toLowerCase()];
      const foreign = [...name.toLowerCase()].filter((letter) => !rest.includes(letter) || rest.splice(rest.indexOf(letter), 1).length === 0);
      return Math.max(foreign.length, rest.length);
    };
    const [meant] = Object.keys(exported).filter((other) => distance(other) * 3 < name.length).sort((a, b) => distance(a) - distance(b));
    throw new SyntaxError(`${from} exports no ${name}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
  }
}
