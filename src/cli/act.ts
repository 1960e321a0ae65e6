import type { Io } from '../model/io.js';

/**
 * Runs a command's work and keeps its exit code. The work loads what it needs when it is called (`await import(...)`),
 * so that `bench --help` opens next to nothing.
 */
export type Act = (work: (io: Io) => Promise<number>) => Promise<void>;
