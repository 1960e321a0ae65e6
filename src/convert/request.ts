import type { ArchitecturePolicy, Dialect, GoArch, LeftOut, SeccompSpec } from '../model/profile/seccomp.js';

/** What a profile is converted for. */
export interface ConvertRequest {
  /** The host, by Go's name ({@link goArchFromName}). */
  readonly arch: GoArch;
  readonly policy: ArchitecturePolicy;
  readonly dialect: Dialect;
  /** The container's bounding set ({@link parseCapabilities}). */
  readonly capabilities: readonly string[];
  /** The host's kernel release; read only where a rule has a minKernel, so an odd one is no error before that. */
  readonly kernel: string;
}

/** A spec (`null`: seccomp disabled) and all that did not get into it. */
export interface Conversion {
  readonly spec: SeccompSpec | null;
  readonly leftOut: readonly LeftOut[];
}
