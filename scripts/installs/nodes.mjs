import { tmpdir } from 'node:os';
import { run } from './project.mjs';

/** The oldest that is promised, and the lines that are maintained. */
const NODES = ['20.19.0', '22', '24'];

export const thisNode = () => [{ version: process.versions.node, path: process.execPath }];

/** The binaries of the `node` package. A version that cannot be had is left out, and said so. */
export async function findNodes() {
  const found = [];
  for (const version of NODES) {
    try {
      const { stdout } = await run('npx', ['-y', '--prefer-offline', '-p', `node@${version}`, 'node', '-p', '[process.versions.node, process.execPath].join()'], { cwd: tmpdir() });
      const [real, ...file] = stdout.trim().split(',');
      found.push({ version: real, path: file.join() });
    } catch (error) {
      console.log(`SKIP Node ${version} cannot be had here: ${String(error.stderr ?? error).trim().split('\n').at(-1)}`);
    }
  }
  return found.length > 0 ? found : thisNode();
}
