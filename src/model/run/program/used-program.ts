/** A file that makes the containers, as it was when the run began. */
export interface UsedProgram {
  /** `runtime`: what is started, or what a daemon starts; `library`: a libseccomp that builds its filters. */
  readonly role: 'runtime' | 'library';
  /** As it is started; symbolic links are followed. */
  readonly path: string;
  /** Device and inode of the file behind all links. */
  readonly device: number;
  readonly inode: number;
  readonly sizeBytes: number;
  /** ISO 8601, UTC. */
  readonly modifiedAt: string;
  /** Of its bytes. */
  readonly sha256: string;
}

/** A program that was another one at the end of a block; `after` is `null` where it cannot be read any more. */
export interface ChangedProgram {
  readonly path: string;
  /** SHA-256 of the bytes. */
  readonly before: string;
  readonly after: string | null;
}
