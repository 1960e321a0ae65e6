/** Absolute paths of the static programs, on the host. */
export interface PayloadFiles {
  readonly payload: string;
  /** Times system calls inside (payload/caller.c). */
  readonly caller: string;
  readonly loader: string;
  readonly gate: string;
  /** Holds tasks under a filter (payload/crowd.c). */
  readonly crowd: string;
  /** Times how long the kernel takes to load a filter (payload/attach.c). */
  readonly attach: string;
  readonly bpfBuild: string;
  readonly probe32: string;
}

/** An image of the payload for a machine (`uname -m`). */
export interface ImageRequest {
  readonly machine: string;
  /** NAME:TAG. */
  readonly tag: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What it runs by itself; absent: /payload. */
  readonly command?: readonly string[];
}
