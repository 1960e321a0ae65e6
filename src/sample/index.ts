export { CHECKSUMS_FILE, verifyChecksums } from './checksums.js';
export { findLatestResult, foldersIn } from './find.js';
export { packEnd, packResult, unpackResults } from './parcel.js';
export type { PackedEnd, UnpackedResult } from './parcel.js';
export { readResultFolder, readSyscallsFile } from './read.js';
export { runBlocks } from './runner.js';
export type { BlockSamples, RunnerOptions } from './runner.js';
export { createResultFolder } from './store.js';
export type { ResultWriter } from './store.js';
