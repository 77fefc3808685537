/** What Jest is told about packages that are ES modules only: they are transformed, so that nobody needs flags for Node. */
const ES_MODULES = '@irqchip/|inversify/|@inversifyjs/';

/** A Jest preset's options, as far as this one has any. */
export interface JestPreset {
  readonly testEnvironment: string;
  readonly setupFilesAfterEnv: readonly string[];
  readonly transform: Readonly<Record<string, string>>;
  readonly transformIgnorePatterns: readonly string[];
  readonly moduleNameMapper: Readonly<Record<string, string>>;
}

/** `preset: '@irqchip/testkit'` is all that a jest.config needs: TypeScript, the matchers, and findings that fail their test. */
const preset: JestPreset = {
  testEnvironment: 'node',
  setupFilesAfterEnv: ['@irqchip/testkit/jest'],
  transform: { '^.+\\.[cm]?[jt]sx?$': '@irqchip/testkit/transform' },
  transformIgnorePatterns: [`/node_modules/(?!(?:\\.pnpm/[^/]+/node_modules/)?(?:${ES_MODULES}))`],
  // TypeScript's own way to name a module that will be JavaScript.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
};

export default preset;
