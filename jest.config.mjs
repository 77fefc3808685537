export default {
  projects: ['<rootDir>/packages/*'],
  coverageProvider: 'v8',
  reporters: ['default', '<rootDir>/scripts/jest-total.mjs'],
};
