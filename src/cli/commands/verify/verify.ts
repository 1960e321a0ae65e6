import { BenchError, conflict } from '../../../errors.js';
import {
  filterOfSource,
  loadedInOwn,
  loadedOfExisting,
  verifySource,
  wantsExisting,
  wantsLoaded,
} from '../../../experiment/index.js';
import type { LoadedRequest, ToVerify } from '../../../experiment/index.js';
import { byteOrderOfName, knownArchitecture, libseccompVersion, rawFilter, Simulator } from '../../../filter/index.js';
import type { FilterForm } from '../../../filter/index.js';
import type { Io } from '../../../model/io.js';
import { FORM_NAMES, isTold } from '../../../model/profile/source.js';
import type { LxcSource, ProfileSource } from '../../../model/profile/source.js';
import { profileIn, readSource, sourceOptions } from '../../../profile/index.js';
import { formWords, renderVerification } from '../../../report/index.js';
import type { ArchitecturePolicy } from '../../../model/profile/seccomp.js';
import type { FilterConversion } from '../../options/conversion.js';
import { targetOf } from '../../options/target.js';
import type { Target } from '../../options/target.js';
import { printJson } from '../../output/json.js';
import { lookOf } from '../../output/look.js';

export interface VerifyOptions {
  readonly profile?: string;
  /** A raw filter to verify. */
  readonly filter?: string;
  /** The machine to build for; absent: this one. */
  readonly arch?: string;
  readonly conversion: FilterConversion & { readonly policy: ArchitecturePolicy };
  readonly form: FilterForm;
  readonly loaded: LoadedRequest;
  readonly random: number;
  readonly seed: number;
  /** Differences shown; 0: all. */
  readonly limit: number;
  readonly json: boolean;
}

/** Exit codes: gates, as for verdicts. */
const DIFFERS = 3;
const NOT_READ = 4;

/** Compares a filter with its rules, tells the result and gives the exit code. */
export async function verify(options: VerifyOptions, io: Io): Promise<0 | 3 | 4> {
  refuseConflicts(options);
  const target = targetOf(options.arch);
  // Refuses an architecture that libseccomp does not know.
  knownArchitecture(target.machine);
  const read = await readSource(options.profile, io, sourceOptions(options.conversion));
  // A raw filter has no rules.
  const source = read.kind === 'lxc' ? read : profileIn(read);
  const subject = await subjectOf(source, target, options, io);
  if (typeof subject === 'string') {
    io.err(`not verified: ${subject}\n`);
    return NOT_READ;
  }
  const { random, seed, conversion } = options;
  const verification = {
    ...verifySource(subject, target, { ...conversion, random, seed }),
    ...(isTold(source) ? { read: formWords(source) } : {}),
  };
  if (options.json) printJson(io, 'verification', verification);
  else io.out(renderVerification(verification, options.limit, lookOf(io)));
  return verification.agrees ? 0 : DIFFERS;
}

/** Throws `usage`. */
function refuseConflicts({ filter, loaded, arch, profile }: VerifyOptions): void {
  if (filter !== undefined && wantsLoaded(loaded)) throw conflict('--filter', 'a container or a process');
  if (filter === '-' && profile === '-') throw conflict('--filter -', 'a profile from standard input');
  if (arch !== undefined && wantsLoaded(loaded))
    throw conflict('--arch', 'a container or a process', { hint: 'A loaded filter is for this machine.' });
}

/** The filter to verify; a text: why it could not be read. */
async function subjectOf(
  source: ProfileSource | LxcSource,
  target: Target,
  { filter, form, loaded, conversion }: VerifyOptions,
  io: Io,
): Promise<ToVerify | string> {
  const own = filterOfSource(source, target, { ...conversion, form });
  const { spec, leftOut, filters } = own;
  const rules = { source, leftOut, ...(spec === undefined ? {} : { spec }) };
  if (filter !== undefined) return { ...rules, ...(await givenFilter(filter, target, io)) };
  if (!wantsLoaded(loaded))
    return { ...rules, filters, origin: { kind: 'predicted', libseccomp: libseccompVersion() ?? '', form } };
  const seen = await (wantsExisting(loaded) ? loadedOfExisting(loaded, io) : loadedInOwn(own, loaded, io));
  const { programs, what } = seen;
  if (programs.state === 'notSeen') return `could not read the filter of ${what}: ${programs.reason}`;
  return {
    ...rules,
    ...(seen.spec === undefined || seen.spec === null ? {} : { spec: seen.spec }),
    filters: programs.programs.map((program) => new Simulator(program)),
    origin: { kind: 'loaded', via: programs.via, what },
  };
}

/** Throws `input` for a file that is no filter. */
async function givenFilter(file: string, target: Target, io: Io): Promise<Pick<ToVerify, 'filters' | 'origin'>> {
  const source = await readSource(file, io, { lenient: false });
  const { form, kind, name } = source;
  if (kind === 'raw')
    return {
      filters: [rawFilter(source, byteOrderOfName(target.machine))],
      origin: { kind: 'given', form, name },
    };
  throw new BenchError('input', `${name} is ${FORM_NAMES[form]}, not a filter`, {
    hint: '--filter takes a raw BPF filter; give the profile as the argument.',
  });
}
