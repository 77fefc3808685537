export default {
  projects: ['<rootDir>/packages/*'],
  // One less than there are cores unless told: on two cores half of them would idle.
  maxWorkers: '100%',
  coverageProvider: 'v8',
  reporters: ['default', '<rootDir>/scripts/jest-total.mjs'],
};
