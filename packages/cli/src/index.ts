export { run, type Plugins, type Terminal } from './run.ts';
