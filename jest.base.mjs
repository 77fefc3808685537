import path from 'node:path';
import { fileURLToPath } from 'node:url';

const swc = ['@swc/jest', {
  swcrc: false,
  sourceMaps: 'inline',
  module: { type: 'es6' },
  jsc: {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, useDefineForClassFields: true },
  },
}];

/** The Jest project of one package: TypeScript sources as ES modules, no build needed. */
export function pkg(url) {
  const rootDir = path.dirname(fileURLToPath(url));
  return {
    displayName: path.basename(rootDir),
    rootDir,
    testEnvironment: 'node',
    testEnvironmentOptions: { customExportConditions: ['@irqchip/source', 'node', 'node-addons'] },
    extensionsToTreatAsEsm: ['.ts'],
    testMatch: ['<rootDir>/test/**/*.test.ts'],
    transform: { '^.+\\.ts$': swc },
  };
}
