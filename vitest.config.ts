import { defineConfig } from 'vitest/config';
import LongestFirst from './test/sequencer.js';

/** Needs npm and a build, as the end-to-end tests do. */
const PACKAGE = 'test/project/package.test.ts';

export default defineConfig({
  test: {
    reporters: ['./test/reporter.ts'],
    sequence: { sequencer: LongestFirst },
    // No assertion on time: this only ends what hangs, even on a busy machine.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // On two cores: many of the end-to-end tests wait for daemons and timeouts, and others run meanwhile.
    maxWorkers: 3,
    projects: [
      {
        // The sources themselves: no build, no container runtime, no root.
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/project/**/*.test.ts'],
          exclude: [PACKAGE],
          globalSetup: './test/page.ts',
          // Loading the sources anew for every file takes half of the time.
          isolate: false,
        },
      },
      {
        // The built command, real runtimes, real tracers.
        extends: true,
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts', PACKAGE], globalSetup: './test/build.ts' },
      },
      {
        // What changes a limit of the whole machine for a moment, after everything else.
        extends: true,
        test: {
          name: 'alone',
          include: ['test/alone/**/*.test.ts'],
          globalSetup: './test/build.ts',
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
