import path from 'node:path';
import { install, run } from './project.mjs';

const DRIVERS = [
  ['--name', 'acme,mux8'],
  ['--name', 'acme,fan', '--lines', '32', '--trigger', 'level'],
  ['--name', 'acme,bells', '--kind', 'ipi'],
  ['--name', 'acme,mail', '--kind', 'msi'],
];

/** Drivers as `npm create @irqchip` writes them: installed, tested, type-checked. `--quick`: one, and no type checker. */
export function scaffoldJobs({ shelf, scratch, nodes, quick }) {
  return (quick ? DRIVERS.slice(0, 1) : DRIVERS).map((options, i) => ({
    name: `npm create @irqchip -- ${options.join(' ')}`,
    work: (attempts) => useScaffold({ attempts, shelf, home: path.join(scratch, `scaffold-${i}`), options, nodes, quick }),
  }));
}

async function useScaffold({ attempts, shelf, home, options, nodes, quick }) {
  const project = path.join(home, options[1].split(',').at(-1));
  if (!await attempts.try('install create', () => install(home, shelf, ['@irqchip/create']))) return;
  if (!await attempts.try('write', () => run('npm', ['exec', '--offline', '--', 'create-irqchip', ...options], { cwd: home }))) return;
  if (!await attempts.try('install', () => install(project, shelf))) return;
  for (const { version, path: node } of nodes) {
    await attempts.try('jest', () => run(node, ['node_modules/jest/bin/jest.js'], { cwd: project }), ` on Node ${version}`);
  }
  if (!quick) await attempts.try('npm test', () => run('npm', ['test'], { cwd: project }));
  await attempts.try('second time refused', () => mustFail(run('npm', ['exec', '--offline', '--', 'create-irqchip', ...options], { cwd: home })));
}

async function mustFail(command) {
  const failed = await command.then(() => false, () => true);
  if (!failed) throw new Error('it wrote over what was there');
}
