/** The machine where a daemon runs its containers, as the daemon describes it. */
export interface EngineHost {
  /** `uname -m`. */
  readonly machine: string;
  /** `uname -r`; `null` where the daemon does not tell. */
  readonly kernelRelease: string | null;
  readonly os: string | null;
  readonly cpuCount: number | null;
}
