import { missing } from '../errors.js';
import type { ExperimentContext } from '../model/experiment/events.js';

/**
 * The surroundings of an experiment that a program runs: its own environment and current folder, nothing that stops it,
 * no listener. `change` replaces what is to be different.
 */
export const contextOf = (change: Partial<ExperimentContext> = {}): ExperimentContext => ({
  env: process.env,
  cwd: process.cwd(),
  signal: new AbortController().signal,
  stdin: () => Promise.reject(missing('standard input')),
  notify: () => undefined,
  ...change,
});
