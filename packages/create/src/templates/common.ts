import type { DriverSpec } from '../options.ts';
import type { Parts } from './parts.ts';

/** What every driver's package has. */
export function commonFiles(spec: DriverSpec, parts: Parts, version: string): [string, string][] {
  return [
    ['package.json', manifest(spec, parts, version)],
    ['tsconfig.json', TSCONFIG],
    ['.gitignore', 'node_modules/\n'],
    ['README.md', readme(spec, parts)],
  ];
}

const TSCONFIG = `{ "compilerOptions": {
  "strict": true, "noEmit": true, "target": "ES2022", "lib": ["ES2023"], "module": "NodeNext", "types": ["jest", "node"],
  "allowImportingTsExtensions": true, "verbatimModuleSyntax": true, "skipLibCheck": true
} }
`;

function manifest({ name }: DriverSpec, { uses }: Parts, version: string): string {
  const ours = (names: readonly string[]): string => names.map((other) => `"@irqchip/${other}": "^${version}"`).join(', ');
  return `{
  "name": "irqchip-${name}", "version": "0.1.0", "private": true, "type": "module",
  "engines": { "node": ">=20.19" },
  "exports": "./src/${name}.ts",
  "scripts": { "test": "tsc && jest" },
  "jest": { "preset": "@irqchip/testkit" },
  "dependencies": { ${ours([...new Set([...uses, 'riscv'])].sort())} },
  "devDependencies": {
    ${ours(['testkit'])}, "@types/jest": "^30.0.0", "@types/node": "^20.19.43", "jest": "^30.5.2", "typescript": "^6.0.3"
  }
}
`;
}

function readme({ name, compatible }: DriverSpec, { says }: Parts): string {
  return `# ${name}

An interrupt controller's driver, \`src/${name}.ts\`, and a model of its hardware, \`hardware/${name}.ts\`, for nodes that say
\`compatible = "${compatible}"\`. They share \`src/registers.ts\` and nothing else.
${says}

    npm install
    npm test

\`test/${name}.test.ts\` has the driver keep every rule that holds for drivers of its kind, and one of its own. \`npm test\` checks the
types first; \`npx jest\` is the tests alone.
`;
}
