/** A system call as it is made in a container, with arguments that have no effect. */
export interface PricedCall {
  readonly name: string;
  /** On the machine of the run. */
  readonly nr: number;
  /** Decimal, 0x hexadecimal, or @ for the address of 4096 bytes of the caller's own; at most six. */
  readonly args: readonly string[];
}

/** Where in its run a container was. */
export interface PercallPlace {
  /**
   * 0-based among the measured blocks, or among the warm-up blocks where `warmup` is true.
   *
   * @asType integer
   */
  readonly block: number;
  readonly warmup: boolean;
  /**
   * 0-based turn of the arm within the block.
   *
   * @asType integer
   */
  readonly position: number;
  /** As of a container that is started and not priced. */
  readonly attempt?: number;
  /** Since the start of the run. */
  readonly startNs: number;
  /** For how long, at most, the machine, this process or the container stood still meanwhile. */
  readonly gapNs?: number;
}

/** A call in the raw report of one container. */
export interface TimedCall {
  /** Of all turns of the loop, by round. */
  readonly ns: readonly number[];
  /**
   * What the call returned, -errno where it failed.
   *
   * @asType integer
   * @minimum -9007199254740991
   */
  readonly result: number;
}

/** The raw report of one container. */
export interface CallerReport {
  /** The caller's own CPU time, or CLOCK_MONOTONIC where the system's clock of that is too coarse. */
  readonly clock: 'cpu' | 'monotonic';
  /**
   * prctl(PR_GET_SECCOMP), -errno where that is denied.
   *
   * @asType integer
   * @minimum -9007199254740991
   */
  readonly seccompMode: number;
  /**
   * prctl(PR_GET_SPECULATION_CTRL) of store bypass and of indirect branches: bits 0 prctl may decide, 1 on, 2 off, 3
   * off for good; 0 not affected.
   *
   * @minimum -9007199254740991
   */
  readonly speculation: readonly [number, number];
  /** ns of all turns of the empty loop, by round. */
  readonly emptyNs: readonly number[];
  /** In the order of the plan's calls. */
  readonly calls: readonly TimedCall[];
}
