import type { Options } from '@swc/core';
import swcJest from '@swc/jest';

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

/** Jest's transformer of the preset: TypeScript and ES modules, for whichever kind of modules Jest runs. */
const transformer: ReturnType<typeof swcJest.createTransformer> = swcJest.createTransformer({ ...options });

export default transformer;
