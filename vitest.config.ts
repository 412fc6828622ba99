import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: process.env['COMEX_TEST_BUILT'] ? [] : 'test/build.ts',
    setupFiles: ['test/seed.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Real processes on few cores: more files at once only make each of them slower.
    maxWorkers: 2,
    server: { deps: { external: [/\/dist\//] } },
  },
});
