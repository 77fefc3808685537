import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('..', import.meta.url));
const jest = path.join(here, '../../node_modules/jest/bin/jest.js');

/** What Jest said of one test. */
export interface Verdict {
  readonly title: string;
  readonly status: string;
  readonly failure: string;
}

/** Runs the tests of a package that was just written, on this workspace's sources. */
export function testGenerated(files: ReadonlyMap<string, string>): Verdict[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'create-irqchip-'));
  try {
    for (const [file, text] of files) {
      mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
      writeFileSync(path.join(folder, file), text);
    }
    symlinkSync(path.join(here, 'node_modules'), path.join(folder, 'node_modules'));
    const config = {
      rootDir: folder,
      testEnvironmentOptions: { customExportConditions: ['@irqchip/source', 'node', 'node-addons'] },
      extensionsToTreatAsEsm: ['.ts'],
      testMatch: ['<rootDir>/test/*.test.ts'],
      transform: { '^.+\\.ts$': [path.join(here, '../../node_modules/@swc/jest'), { swcrc: false, module: { type: 'es6' }, jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true }, transform: { legacyDecorator: true } } }] },
    };
    const args = ['--experimental-vm-modules', '--no-warnings', jest, '-i', '--json', '--config', JSON.stringify(config)];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    const { testResults } = parse(stdout, stderr);
    const verdicts = testResults.flatMap(({ assertionResults, message }) => (assertionResults.length > 0 ? assertionResults : [{ title: 'the suite', status: 'failed', failureMessages: [message] }]));
    return verdicts.map(({ title, status, failureMessages }) => ({ title, status, failure: failureMessages.join('\n') }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Report {
  readonly testResults: readonly { readonly message: string; readonly assertionResults: readonly { readonly title: string; readonly status: string; readonly failureMessages: readonly string[] }[] }[];
}

function parse(stdout: string, stderr: string): Report {
  try {
    return JSON.parse(stdout) as Report;
  } catch {
    throw new Error(`Jest said nothing that can be read:\n${stdout}${stderr}`);
  }
}
