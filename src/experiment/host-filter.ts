import { release } from 'node:os';
import { goArchFromName } from '../convert/index.js';
import { conflict } from '../errors.js';
import type { FilterForm, Simulator } from '../filter/index.js';
import type { ExperimentContext } from '../model/experiment/events.js';
import type { ConversionRequest } from '../model/experiment/request.js';
import { DOCKER_CAPABILITIES } from '../model/profile/capabilities.js';
import type { ArchitecturePolicy, Dialect } from '../model/profile/seccomp.js';
import { FORM_NAMES } from '../model/profile/source.js';
import { readSource, sourceOptions } from '../profile/index.js';
import { filterOfSource } from './arms/source-filter.js';
import { hostMachine } from './session/session.js';

/** A filter for this machine, without a container; all of it has a default. */
export interface FilterChoice {
  /**
   * Path of a profile, an LXC policy or a raw filter, a name such as `docker@v0.2.0`, or `-` for standard input;
   * default: the built-in profile.
   */
  readonly profile?: string;
  /** The layout in which libseccomp builds a profile's filter; default `plain`. */
  readonly form?: FilterForm;
  /** What a message calls the form; default `--form`. */
  readonly formAskedBy?: string;
  /** Which architectures of the profile are copied; default `host`. */
  readonly policy?: ArchitecturePolicy;
  /** Whose conversion rules; default `moby`. */
  readonly dialect?: Dialect;
  /** How the profile is read and converted; default: Docker's capabilities, this machine's kernel. */
  readonly conversion?: Partial<ConversionRequest>;
}

/** The filter that a choice means, with what it was made of. */
export interface HostFilter {
  readonly filter: Simulator;
  readonly name: string;
  readonly machine: string;
}

/** Reads the file and builds the filter. Throws `usage` (a form of a filter that came as it is) and `input`. */
export async function hostFilter(
  { profile, form, formAskedBy = '--form', policy = 'host', dialect = 'moby', conversion }: FilterChoice,
  context: Pick<ExperimentContext, 'cwd' | 'stdin' | 'signal'>,
): Promise<HostFilter> {
  const { kernel, ...reading } = { capabilities: DOCKER_CAPABILITIES, kernel: null, lenient: false, ...conversion };
  const source = await readSource(profile, context, sourceOptions({ ...reading, dialect }));
  if (source.kind !== 'profile' && form !== undefined)
    throw conflict(formAskedBy, FORM_NAMES[source.form], { hint: 'The layout is chosen when a profile is built.' });
  const machine = hostMachine();
  const { filters } = filterOfSource(
    source,
    { arch: goArchFromName(machine), machine },
    { ...reading, policy, dialect, kernel: kernel ?? release(), form: form ?? 'plain' },
  );
  const [filter] = filters;
  if (filter === undefined) throw new RangeError('a source has one filter');
  return { filter, name: source.name, machine };
}
