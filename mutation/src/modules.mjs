// Loads the workspace's TypeScript as CommonJS functions. One compiled function serves any number of evaluations, so test files
// can be evaluated afresh for each mutant in well under a millisecond, and nothing of the last evaluation is kept alive.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import { transformSync } from '@swc/core';

const CONDITION = '@irqchip/source';

const options = {
  swcrc: false,
  configFile: false,
  module: { type: 'commonjs', ignoreDynamic: false },
  jsc: {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, useDefineForClassFields: true },
  },
};

/** The TypeScript files below one workspace root, compiled once. What they become when evaluated is a {@link Scope}. */
export class Program {
  #functions = new Map();
  #packages = new Map();
  #cache;

  /** `substitutes` maps an npm package's name to a function from the real module to what the files shall see. */
  constructor(root, substitutes = {}) {
    this.root = root;
    this.substitutes = substitutes;
    this.#cache = path.join(root, '.compiled');
    mkdirSync(this.#cache, { recursive: true });
    const folders = readdirSync(path.join(root, 'packages')).map((name) => path.join(root, 'packages', name));
    for (const folder of [...folders, path.join(root, 'test-support')]) {
      const file = path.join(folder, 'package.json');
      if (existsSync(file)) {
        const manifest = JSON.parse(readFileSync(file, 'utf8'));
        this.#packages.set(manifest.name, { folder, exports: manifest.exports });
      }
    }
  }

  /** The function `(exports, require, module, __filename)` of one file. */
  functionOf(file) {
    const known = this.#functions.get(file);
    if (known !== undefined) return known;
    const compiled = vm.compileFunction(this.#compile(file), ['exports', 'require', 'module', '__filename'], { filename: file });
    this.#functions.set(file, compiled);
    return compiled;
  }

  /** The workspace file that `specifier` means in `from`, or null for npm packages and Node's own modules. */
  resolve(specifier, from) {
    if (specifier.startsWith('.')) return path.resolve(path.dirname(from), specifier);
    const [scope, name, ...sub] = specifier.split('/');
    const room = this.#packages.get(`${scope}/${name}`);
    if (room === undefined) return null;
    const door = room.exports[['.', ...sub].join('/')]?.[CONDITION];
    if (door === undefined) throw new Error(`${from} imports ${specifier}, which ${scope}/${name} does not export`);
    return path.join(room.folder, door);
  }

  external(specifier, from) {
    const real = createRequire(from)(specifier);
    return isBuiltin(specifier) ? real : this.substitutes[specifier]?.(real) ?? real;
  }

  /** Kept on disk beside the sources: a worker that replaces a killed one starts without the compiler. */
  #compile(file) {
    const source = readFileSync(file, 'utf8');
    const stored = path.join(this.#cache, `${createHash('sha1').update(file).update(source).digest('hex')}.cjs`);
    if (existsSync(stored)) return readFileSync(stored, 'utf8');
    const { code } = transformSync(source, { ...options, filename: file });
    writeFileSync(`${stored}.${process.pid}`, code);
    renameSync(`${stored}.${process.pid}`, stored);
    return code;
  }
}

/** One evaluation of some files. Files that `owns` refuses are asked of `outer`, the scope around this one. */
export class Scope {
  #modules = new Map();

  constructor(program, outer = null, owns = () => true) {
    this.program = program;
    this.outer = outer;
    this.owns = owns;
  }

  load(file) {
    if (this.outer !== null && !this.owns(file)) return this.outer.load(file);
    const known = this.#modules.get(file);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    this.#modules.set(file, module);
    // A file that throws is not half loaded: the next that asks for it gets the error again.
    try {
      this.program.functionOf(file)(module.exports, (specifier) => this.#require(specifier, file), module, file);
    } catch (error) {
      this.#modules.delete(file);
      throw error;
    }
    return module.exports;
  }

  #require(specifier, from) {
    const file = this.program.resolve(specifier, from);
    return file === null ? this.program.external(specifier, from) : this.load(file);
  }
}
