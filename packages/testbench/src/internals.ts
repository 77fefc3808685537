// For testkit, which runs suites on benches; free to change with any version.
export { BENCH_RULES } from './bench/check-options.ts';
export { checkOptions, FLAG, functionOf, isObject, listOf, objectOf, oneOf, wholeFrom, wordOf, type OptionRule } from './bench/option-rules.ts';
export { History } from './bench/history.ts';
export { failOnFindings } from './jest/findings.ts';
export { afterEachTest, jestExpect, jestSuite } from './jest/globals.ts';
export { showHistory, showLine, showLog } from './matchers/show.ts';
export { showAccess } from './bench/spy.ts';
