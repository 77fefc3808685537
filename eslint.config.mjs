import tseslint from 'typescript-eslint';

const typescript = ['packages/*/{src,hardware,test}/**/*.ts', 'bench/**/*.ts', 'test-support/**/*.ts'];
/** What a package ships. */
const shipped = ['packages/*/{src,hardware}/**/*.ts'];
/** Room for the outside world: these talk to a terminal. */
const street = ['packages/{cli,create,viewer}/**/*.ts'];
/** Between a line and its handler: plain calls only. */
const delivery = [
  'packages/{irqdesc,genirq-core}/src/{chip,flow,ipi,manage,resend}/**/*.ts',
  'packages/ipi-mux/src/**/*.ts',
  'packages/riscv/src/ipi/**/*.ts',
  'packages/drivers-*/{src,hardware}/**/*.ts',
];

const port = 'Time, chance, output and memory are ports: take them from Smp.';

/** No module state: a process holds as many machines as it likes. */
const moduleState = [
  {
    selector: ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration[kind=/^(let|var)$/]',
    message: 'Module state is shared by all machines: keep it in an object that belongs to one machine.',
  },
  {
    selector: ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator > NewExpression[callee.name=/^(Map|Set|WeakMap|WeakSet|Array|Int32Array|Uint8Array|Uint32Array)$/]:not([arguments.0.type="ArrayExpression"])',
    message: 'A collection that fills up later is module state, shared by all machines: keep it in an object that belongs to one machine.',
  },
];

const plainCalls = [
  { selector: 'CallExpression[callee.property.name="emit"]', message: 'Delivery is a plain call: watchers are told elsewhere.' },
  { selector: 'CallExpression[callee.object.name=/[cC]ontainer$/][callee.property.name=/^get(All|Async|AllAsync)?$/]', message: 'The container wires at boot and is then let go.' },
  { selector: 'CallExpression[callee.object.property.name=/[cC]ontainer$/][callee.property.name=/^get(All|Async|AllAsync)?$/]', message: 'The container wires at boot and is then let go.' },
];

export default tseslint.config(
  { ignores: ['mutation/.work/', '**/node_modules/', '**/dist/', 'packages/*/lib/', 'docs/api/', '**/coverage/', 'testdata/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{mjs,cjs,js}'],
    extends: [tseslint.configs.recommended],
    rules: { '@typescript-eslint/no-require-imports': 'off', eqeqeq: 'error', 'prefer-const': 'error' },
  },
  {
    files: typescript,
    extends: [tseslint.configs.strict],
    languageOptions: { parserOptions: { project: ['./tsconfig.check.json'], tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-for-in-array': 'error',
      '@typescript-eslint/no-implied-eval': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // noUncheckedIndexedAccess makes every read of a fixed array possibly undefined.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-this-alias': 'off', // a walk that starts at this
      '@typescript-eslint/unified-signatures': 'off', // overloads say what each form is for
      // A class that only carries a probe method is a driver.
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
  {
    files: shipped,
    rules: {
      'max-lines': ['error', { max: 350, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 60 }],
      'no-restricted-syntax': ['error', ...moduleState],
    },
  },
  {
    files: shipped,
    ignores: street,
    rules: {
      'no-restricted-globals': ['error', ...['Date', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'performance', 'console', 'process', 'globalThis', 'fetch'].map((name) => ({ name, message: port }))],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: port }],
    },
  },
  {
    files: ['packages/*/{src,hardware}/**/*.ts'],
    ignores: ['packages/*/src/di.ts'],
    rules: {
      'no-restricted-imports': ['error', { paths: ['inversify', 'reflect-metadata'].map((name) => ({ name, message: 'The container is for src/di.ts alone: constructors take their collaborators as arguments.' })) }],
    },
  },
  {
    files: delivery,
    rules: { 'no-restricted-syntax': ['error', ...moduleState, ...plainCalls] },
  },
  {
    files: ['packages/*/test/**/*.ts', 'bench/**/*.ts', 'test-support/**/*.ts'],
    rules: {
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
    },
  },
);
