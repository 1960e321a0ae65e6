import { createHash } from 'node:crypto';

/** The marks that begin the lines of what is sent; everything else in a job's output is skipped. */
export const HEAD = 'seccomp-bench-parcel';
export const PART = 'seccomp-bench-part';
export const END = 'seccomp-bench-end';

/** Well below the 16 KiB at which log drivers break lines. */
export const PART_CHARACTERS = 6000;
/** Nodes of Kubernetes keep 10 MiB of a container's log (containerLogMaxSize); bench's own words need room too. */
export const LARGEST_LOG_BYTES = 8 * 2 ** 20;

/** What is taken from one job at most. Its sender is another machine, and may send anything. */
export const MOST = {
  /** Results folders. */
  parcels: 64,
  /** Of a parcel, as lines. */
  parts: 50_000,
  /** Of a parcel's files as JSON; half of the longest string of Node.js. */
  unpackedBytes: 256 * 2 ** 20,
  files: 1000,
} as const;

/** First line of a parcel. */
export interface Head {
  readonly format: 1;
  /** Number of the parcel among the job's. */
  readonly index: number;
  /** The results folder's name. */
  readonly name: string;
  readonly parts: number;
  /** Of the gzipped bytes. */
  readonly sha256: string;
}

/** How a job ended: its last line. */
export interface PackedEnd {
  readonly exitCode: number;
  /** The error's message; empty where there was no error. */
  readonly words: string;
  /** Number of results folders that were sent. */
  readonly results: number;
}

/** Whether a line of a job's log is part of what was packed. */
export const isParcelLine = (line: string): boolean => [HEAD, PART, END].some((mark) => line.startsWith(`${mark} `));

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
