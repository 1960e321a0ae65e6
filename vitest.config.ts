import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['./test/reporter.ts'],
    // No assertion on time: this only ends what hangs, also on a machine that is busy with other work.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Two cores: more workers only make the end-to-end tests slower.
    maxWorkers: 2,
  },
});
