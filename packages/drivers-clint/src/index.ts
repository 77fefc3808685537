export { clint } from './clint.ts';
export { aclintSswi } from './sswi/driver.ts';
export { ACLINT_SSWI, AclintSswi, SSWI_OPTIONS, type SswiOptions } from './sswi/sswi.ts';
export { ClintTimer } from './timer.ts';
