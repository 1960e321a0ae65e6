import type { Command } from 'commander';
import { invalidValue } from '../../errors.js';
import type { ConversionRequest } from '../../model/experiment/request.js';
import { parseCapabilities } from '../../model/profile/capabilities.js';
import type { Capability } from '../../model/profile/capabilities.js';
import { SOURCE_FORMS } from '../../model/profile/source.js';
import type { SourceForm } from '../../model/profile/source.js';
import { DIALECTS, POLICIES } from '../../model/profile/seccomp.js';
import type { Dialect } from '../../model/profile/seccomp.js';
import { choice, option } from './option.js';
import { sizeBytes } from './values.js';

export interface RawConversion {
  readonly caps: string;
  readonly kernel?: string;
  readonly lenient?: boolean;
  readonly readAs?: SourceForm;
  readonly maxSize?: string;
}

/** How files are read and profiles converted: `--caps`, `--kernel`, `--lenient`, `--read-as`, `--max-size`. */
export function declareConversion(command: Command): Command {
  return command
    .addOption(
      option('--caps <caps>', 'capabilities: docker, none, all, or a list such as CAP_A,CAP_B', 'arms').default(
        'docker',
      ),
    )
    .addOption(
      option(
        '--kernel <version>',
        'kernel release for minKernel rules (default: the kernel that runs the containers)',
        'arms',
      ),
    )
    .addOption(option('--lenient', 'accept every profile that moby accepts, also one without seccomp', 'arms'))
    .addOption(
      choice('--read-as <form>', 'read every file as this form (default: told from its content)', 'arms', {
        values: SOURCE_FORMS,
        kind: 'a form of a file',
      }),
    )
    .addOption(option('--max-size <size>', 'largest file to read (default: 16MiB)', 'arms'));
}

/** Throws `usage` for an unknown capability, a kernel release without two numbers, and a size that is none. */
export const parseConversion = ({
  caps,
  kernel,
  lenient = false,
  readAs,
  maxSize,
}: RawConversion): ConversionRequest => ({
  capabilities: parseCapabilities(caps),
  kernel: kernel === undefined ? null : kernelRelease(kernel),
  lenient,
  ...(readAs === undefined ? {} : { form: readAs }),
  ...(maxSize === undefined ? {} : { maxBytes: sizeBytes('--max-size', maxSize) }),
});

/** As moby reads it: two numbers, and anything after them. */
function kernelRelease(text: string): string {
  if (/^\d+\.\d+/.test(text)) return text;
  throw invalidValue('--kernel', 'a kernel release, such as 6.1 or 6.1.0-18-amd64', JSON.stringify(text));
}

export interface RawProfile {
  readonly profile?: string;
  readonly dialect: Dialect;
}

/** Where specs come from, and by whose rules. */
export interface ProfileChoice {
  /** `-` is standard input. */
  readonly profile?: string;
  readonly dialect: Dialect;
}

/** What a profile may be, for help. */
export const PROFILE_FORMS = 'profile of Docker, OCI or Kubernetes, a name like docker or podman@v0.62.2';

/** `--dialect` alone, for commands that take the profile as an argument. */
export const declareDialect = (command: Command): Command =>
  command.addOption(
    choice('--dialect <dialect>', 'conversion rules to follow', 'arms', {
      values: DIALECTS,
      kind: 'a dialect',
    }).default('moby'),
  );

/** `--profile`, `--dialect`. */
export const declareProfile = (command: Command): Command =>
  declareDialect(
    command.addOption(
      option('--profile <file>', `${PROFILE_FORMS}, or - for standard input (default: built-in)`, 'common'),
    ),
  );

export const parseProfile = ({ profile, dialect }: RawProfile): ProfileChoice => ({
  dialect,
  ...(profile === undefined ? {} : { profile }),
});

/** `--policy`. */
export const declarePolicy = (command: Command): Command =>
  command.addOption(
    choice(
      '--policy <policy>',
      'architectures to copy: all, the host and compatible ones (trim: of an explicit list too), or native only',
      'common',
      { values: POLICIES, kind: 'a policy' },
    ).default('host'),
  );

/** The conversion of one profile to a filter, without a container. */
export interface FilterConversion {
  readonly dialect: Dialect;
  readonly capabilities: readonly Capability[];
  readonly kernel?: string;
  readonly lenient: boolean;
  readonly form?: SourceForm;
  readonly maxBytes?: number;
}

export function parseFilterConversion(raw: RawConversion & Pick<RawProfile, 'dialect'>): FilterConversion {
  const { kernel, ...rest } = parseConversion(raw);
  return { dialect: raw.dialect, ...rest, ...(kernel === null ? {} : { kernel }) };
}
