import { readFileSync } from 'node:fs';

const swc = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));
delete swc.$schema;

/** Specs stand beside what they test; whatever starts whole services lives in test/ and apps/<name>/test. What needs real servers is jest.services.config.mjs's, what needs Helm jest.helm.config.mjs's, what needs a browser jest.console.config.mjs's. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts', '!**/*.services.spec.ts', '!**/*.helm.spec.ts', '!**/*.console.spec.ts'],
  setupFiles: ['reflect-metadata'],
  transform: { '^.+\\.(ts|js|mjs)$': ['@swc/jest', { ...swc, swcrc: false }] },
  // These packages are ES modules; jest's loader wants them as CommonJS.
  transformIgnorePatterns: ['/node_modules/(?!(@marcbachmann/cel-js)/)'],
  moduleNameMapper: {
    '^@flow/testing/(.*)$': '<rootDir>/libs/$1/src/testing',
    '^@flow/(.*)$': '<rootDir>/libs/$1/src',
  },
  reporters: ['default', '<rootDir>/scripts/jest-counts.mjs'],
  cacheDirectory: '<rootDir>/.cache/jest',
  // One process for all files grows until the collector is all that runs; a process that grew is replaced.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '512MB',
  // Ends what hangs; no test is about speed, and a busy machine takes several times as long.
  testTimeout: 60_000,
};
