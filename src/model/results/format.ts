/**
 * Of every file of a results folder that is written now. 2: blocks may have been run again (`attempt`), and
 * breaks.jsonl tells of pauses and of a run that was resumed.
 */
export const FORMAT_VERSION = 2;

/** Versions that can be read; a reader refuses any other. */
export const FORMAT_VERSIONS = [1, 2] as const;
/** A version that can be read. */
export type FormatVersion = (typeof FORMAT_VERSIONS)[number];
