export { findLatestResult } from './find.js';
export { readResultFolder, readSyscallsFile } from './read.js';
export { createPercallFolder, isPercallFolder, readPercallFolder } from './percall.js';
export type { PercallWriter } from './percall.js';
export { runBlocks } from './runner.js';
export type { BlockSamples, RunnerOptions } from './runner.js';
export { createResultFolder } from './store.js';
export type { ResultWriter } from './store.js';
