/** Programs whose output is understood. */
export const LOAD_PROGRAMS = ['wrk', 'redis-benchmark', 'pgbench', 'ab'] as const;
/** What the figures of a load were read by: a program's own format, or the expression of the user. */
export type LoadFormat = (typeof LOAD_PROGRAMS)[number] | 'expression';

/** What a load program reported of one run. */
export interface LoadFigures {
  readonly format: LoadFormat;
  /** Requests that were answered; a transaction of pgbench is one. `null`: it does not say. */
  readonly requests: number | null;
  readonly requestsPerSecond: number;
  /** Nanoseconds from a request to its answer; `null`: it does not say. */
  readonly latency: LatencyFigures;
  /**
   * Where the server's CPU time is from: the container's cgroup (exact), or the processes in its network (each to
   * 10 ms); `null`: not known.
   */
  readonly cpuFrom: 'cgroup' | 'processes' | null;
}

/** Latencies in nanoseconds, as far as the load program reports them. */
export interface LatencyFigures {
  readonly meanNs: number | null;
  readonly p50Ns: number | null;
  readonly p99Ns: number | null;
}
