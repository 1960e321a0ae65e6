import { machine, release } from 'node:os';
import { convertProfile, goArchFromName, parseCapabilities, serialiseSpec } from '../../convert/index.js';
import type { Io } from '../../model/io.js';
import type { ArchitecturePolicy, Dialect, LeftOut } from '../../model/profile/seccomp.js';
import { loadProfile } from '../../profile/index.js';
import { profileBytes } from '../../experiment/arms/profile-bytes.js';

/** The options of `bench convert`, as declared in program.ts. */
export interface ConvertOptions {
  /** A file, `-` for standard input; absent: the built-in default profile. */
  readonly profile?: string;
  /** Go's or uname's name; absent: this machine. */
  readonly arch?: string;
  readonly policy: ArchitecturePolicy;
  readonly dialect: Dialect;
  readonly caps: string;
  /** Kernel release for minKernel; absent: this machine's. */
  readonly kernel?: string;
  readonly lenient: boolean;
  readonly explain: boolean;
}

/**
 * Prints the OCI JSON of a profile on standard output, and on standard error what was dropped where that is asked for.
 */
export async function run(options: ConvertOptions, io: Io): Promise<number> {
  const request = {
    arch: goArchFromName(options.arch ?? machine()),
    policy: options.policy,
    dialect: options.dialect,
    capabilities: parseCapabilities(options.caps),
    kernel: options.kernel ?? release(),
  };
  const source = await profileBytes(options.profile, io);
  const profile = loadProfile(source.bytes, source.name, { lenient: options.lenient });
  const { spec, leftOut } = convertProfile(profile, request);
  if (options.explain) io.err(explanation(leftOut, spec === null));
  io.out(`${serialiseSpec(spec, options.dialect)}\n`);
  return 0;
}

function explanation(leftOut: readonly LeftOut[], disabled: boolean): string {
  const lines = leftOut.map(({ kind, what, reason }) => `dropped ${kind} ${what}: ${reason}`);
  if (disabled) lines.unshift('seccomp is disabled: the profile has neither a default action nor rules');
  if (lines.length === 0) lines.push('nothing was dropped');
  return `${lines.join('\n')}\n`;
}
