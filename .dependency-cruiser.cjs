// The walls between the rooms. `node scripts/walls.mjs` runs them; `--self-test` plants one breach of each.

/** Which rooms a room may import, besides itself. A room that is missing here may not exist. */
const ground = ['smp'];
const core = ['irqdesc', 'smp'];
const mezzanine = ['genirq-core', 'smp'];
const first = ['irqdomain', 'genirq-core', 'cpuhp', 'smp'];
const aboveDomains = ['irqdomain', 'genirq-core', 'smp'];
const driver = ['irqdomain', 'genirq-core', 'msi', 'generic-chip', 'ipi-mux', 'cpuhp', 'riscv', 'smp', 'devicetree'];
const drivers = ['drivers-intc', 'drivers-clint', 'drivers-sbi', 'drivers-aia', 'drivers-plic'];
const machine = [...drivers, ...driver, 'irq-sim'];
const workshop = ['machine', 'board', ...machine];
const street = ['testkit', 'testbench', 'race', 'litmus', 'trace', ...workshop];

const rooms = {
  smp: [],
  cpuhp: ground,
  irqdesc: ground,
  'genirq-core': core,
  devicetree: ground,
  irqdomain: mezzanine,
  msi: aboveDomains,
  'generic-chip': aboveDomains,
  'irq-sim': aboveDomains,
  'ipi-mux': first,
  riscv: first,
  ...Object.fromEntries(drivers.map((name) => [name, driver])),
  board: ['drivers-sbi', 'riscv', 'devicetree', 'smp'],
  machine: ['board', ...machine],
  testbench: workshop,
  testkit: ['testbench', ...workshop],
  litmus: ground,
  race: ['litmus', ...workshop],
  trace: workshop,
  cli: street,
  create: street,
  viewer: street,
};

const shipped = '^packages/[^/]+/(src|hardware)/';
const streetShipped = '^packages/(cli|create|viewer|testkit/src/reporters)/';
const npm = (names) => `(^|/)node_modules/(${names})/`;

const arrows = Object.entries(rooms).map(([room, allowed]) => ({
  name: `room-${room}`,
  comment: `${room} may import ${allowed.length === 0 ? 'no other room' : allowed.join(', ')}`,
  severity: 'error',
  from: { path: `^packages/${room}/` },
  to: { path: `^(bench/|packages/(?!(${[room, ...allowed].join('|')})/))` },
}));

module.exports = {
  rooms,
  forbidden: [
    ...arrows,
    {
      name: 'support-is-for-tests',
      comment: 'what tests share is not published',
      severity: 'error',
      from: { path: `${shipped}|^bench/` },
      to: { path: '^test-support/' },
    },
    {
      name: 'front-door',
      comment: 'another room is entered by its package name, through its exports map, never by a path',
      severity: 'error',
      from: { path: '^(bench|test-support|packages/[^/]+)/' },
      to: { path: '^(bench|test-support|packages)/', pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'nothing-outside',
      comment: 'what a package ships does not reach for files outside it',
      severity: 'error',
      from: { path: shipped },
      to: { pathNot: ['^packages/', '(^|/)node_modules/'], dependencyTypes: ['local'] },
    },
    {
      name: 'internals',
      comment: 'what a package keeps for the one above it is for that one alone',
      severity: 'error',
      from: { path: '^packages/([^/]+)/', pathNot: '^packages/(irqdesc|genirq-core|litmus|race|board|machine|testbench|testkit)/' },
      to: { path: '^packages/[^/]+/src/internals\\.ts$' },
    },
    {
      name: 'src-not-hardware',
      comment: 'a driver does not know the model of its hardware',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/' },
      to: { path: '^packages/$1/(hardware|test)/' },
    },
    {
      name: 'hardware-not-driver',
      comment: 'a hardware model shares src/registers.ts with its driver and nothing else: a model that reuses the driver\'s arithmetic proves nothing',
      severity: 'error',
      from: { path: '^packages/([^/]+)/hardware/' },
      to: { path: '^packages/$1/(src|test)/', pathNot: '^packages/$1/src/registers\\.ts$' },
    },
    {
      name: 'registers-are-leaves',
      comment: 'what the driver and the model share brings nothing of the driver along',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/registers\\.ts$' },
      to: { path: '^packages/$1/' },
    },
    {
      name: 'container-in-di',
      comment: 'inversify and reflect-metadata are for src/di.ts alone',
      severity: 'error',
      from: { path: shipped, pathNot: '^packages/[^/]+/src/di\\.ts$' },
      to: { path: npm('inversify|@inversifyjs/[^/]+|reflect-metadata') },
    },
    {
      name: 'no-test-tools',
      comment: 'nothing that ships below the workshop imports Jest or fast-check',
      severity: 'error',
      from: { path: shipped, pathNot: '^packages/(testkit|testbench|race)/' },
      to: { path: npm('jest|jest-[^/]+|@jest/[^/]+|@types/jest|fast-check') },
    },
    {
      name: 'ports-not-node',
      comment: 'time, files and output are ports: only what stands on the street imports Node\'s own modules',
      severity: 'error',
      from: { path: shipped, pathNot: streetShipped },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'declared',
      comment: 'what a package ships imports only what its own package.json lists under dependencies',
      severity: 'error',
      from: { path: shipped },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev', 'npm-optional'] },
    },
    {
      name: 'resolvable',
      comment: 'every import leads somewhere: a file, a declared dependency, an entry of an exports map',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-cycles',
      comment: 'a cycle is allowed only if one of its steps is erased with the types',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^packages/[^/]+/(dist|lib|coverage)/' },
  },
};
