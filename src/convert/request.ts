import type { Capability } from '../model/profile/capabilities.js';
import type { ArchitecturePolicy, Dialect, GoArch, LeftOut, SeccompSpec } from '../model/profile/seccomp.js';

/** The host, the container and the rules that a profile is converted for. */
export interface ConvertRequest {
  /** The host's architecture by Go's name, `amd64`; {@link goArchFromName} finds it for `uname -m`'s `x86_64`. */
  readonly arch: GoArch;
  /** Which of the profile's architectures the spec lists. */
  readonly policy: ArchitecturePolicy;
  /** Whose conversion rules apply. */
  readonly dialect: Dialect;
  /** The container's bounding set: {@link DOCKER_CAPABILITIES}, or what {@link parseCapabilities} reads from a text. */
  readonly capabilities: readonly Capability[];
  /**
   * Release of the host's kernel, `6.1.0-18-amd64` (`os.release()`), of which the first two numbers count. It is read
   * only where a rule has a `minKernel`, and only then has to be a valid release.
   */
  readonly kernel: string;
}

/** The result of a conversion. */
export interface Conversion {
  /** The OCI `linux.seccomp` object; `null`: the profile disables seccomp. */
  readonly spec: SeccompSpec | null;
  /** What the profile has and the spec lacks, with the reason, in the profile's order. */
  readonly leftOut: readonly LeftOut[];
}
