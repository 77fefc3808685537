import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

function shell(command: string): { status: number | null; stdout: string; stderr: string } {
  return spawnSync('bash', ['-o', 'pipefail', '-c', command], { cwd: root, encoding: 'utf8' });
}

test('a reader that goes early is no error: `irqchip boot | head`', () => {
  // More output than a pipe holds, so that the writer really meets a closed one.
  const { status, stdout, stderr } = shell('node scripts/run.mjs boot --cpus 1000 --rounds 0 --quiet | head -c 10');
  expect([status, stdout.length, stderr]).toEqual([0, 10, '']);
}, 60_000);

test('the exit status reaches the shell', () => {
  expect([shell('node scripts/run.mjs').status, shell('node scripts/run.mjs boot --boot-hart 9').status, shell('node scripts/run.mjs --help').status]).toEqual([2, 1, 0]);
}, 60_000);
