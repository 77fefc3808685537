export default { projects: ['<rootDir>/packages/*'], coverageProvider: 'v8' };
