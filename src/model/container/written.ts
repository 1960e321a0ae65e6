import type { LeftOut, SeccompSpec } from '../profile/seccomp.js';

/** The size of a file that an engine writes for every container. */
export interface WrittenSize {
  readonly bytes: number;
  readonly lines: number;
  /** One per architecture, each with all rules. */
  readonly sections: number;
}

/** The file with its text, and what it lacks of the spec. */
export interface WrittenFile extends WrittenSize {
  readonly text: string;
  readonly leftOut: readonly LeftOut[];
}

/** A spec as a file for LXC. */
export interface LxcWriter {
  /** Only the text: this work is repeated, and timed, at every start. */
  readonly text: (spec: SeccompSpec) => string;
  readonly describe: (spec: SeccompSpec) => WrittenFile;
}
