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
import {
  byteOrderOfName,
  knownArchitecture,
  libseccompVersion,
  machinesKnown,
  rawFilter,
  Simulator,
} from '../../../filter/index.js';
import type { FilterForm } from '../../../filter/index.js';
import type { Verification } from '../../../model/filter/verification.js';
import type { Io } from '../../../model/io.js';
import { FORM_NAMES, isTold } from '../../../model/profile/source.js';
import type { LxcSource, ProfileSource } from '../../../model/profile/source.js';
import { profileIn, readSource, sourceOptions } from '../../../profile/index.js';
import { formWords, renderVerification, renderVerifications } from '../../../report/index.js';
import type { ArchitecturePolicy } from '../../../model/profile/seccomp.js';
import type { FilterConversion } from '../../options/conversion.js';
import type { MachineList } from '../../options/machines.js';
import { targetOf } from '../../options/target.js';
import type { Target } from '../../options/target.js';
import type { NotCompared } from '../../output/documents.js';
import { printJson } from '../../output/json.js';
import { lookOf } from '../../output/look.js';

export interface VerifyOptions {
  readonly profile?: string;
  /** A raw filter to verify. */
  readonly filter?: string;
  /** The machines to build for; `null`: this one. */
  readonly machines: MachineList | null;
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
  const targets = targetsOf(options);
  const read = await readSource(options.profile, io, sourceOptions(options.conversion));
  // A raw filter has no rules.
  const source = read.kind === 'lxc' ? read : profileIn(read);
  const [target] = targets;
  if (target === undefined || targets.length > 1) return verifyAll(source, targets, options, io);
  const verification = await verifyOn(source, target, options, io);
  if (typeof verification === 'string') {
    io.err(`not verified: ${verification}\n`);
    return NOT_READ;
  }
  if (options.json) printJson(io, 'verification', verification);
  else io.out(renderVerification(verification, options.limit, lookOf(io)));
  return verification.agrees ? 0 : DIFFERS;
}

/** Throws `input` for an architecture that libseccomp does not know. */
function targetsOf({ machines }: VerifyOptions): readonly Target[] {
  const targets = machines === null ? [targetOf()] : (machines === 'all' ? machinesKnown() : machines).map(targetOf);
  for (const { machine } of targets) knownArchitecture(machine);
  return targets;
}

type Rules = ProfileSource | LxcSource;

/** A text: why the filter could not be read. */
async function verifyOn(source: Rules, target: Target, options: VerifyOptions, io: Io): Promise<Verification | string> {
  const subject = await subjectOf(source, target, options, io);
  if (typeof subject === 'string') return subject;
  const { random, seed, conversion } = options;
  return {
    ...verifySource(subject, target, { ...conversion, random, seed }),
    ...(isTold(source) ? { read: formWords(source) } : {}),
  };
}

/** A line for every machine, and what differs in full. */
async function verifyAll(
  source: Rules,
  targets: readonly Target[],
  options: VerifyOptions,
  io: Io,
): Promise<0 | 3 | 4> {
  const machines: Verification[] = [];
  const notVerified: NotCompared[] = [];
  for (const target of targets) {
    const verified = await verifyOn(source, target, options, io).catch(refusalOf);
    if (typeof verified === 'string') notVerified.push({ machine: target.machine, reason: verified });
    else machines.push(verified);
  }
  const differing = machines.filter((one) => !one.agrees);
  const agrees = differing.length === 0 && notVerified.length === 0;
  if (options.json) printJson(io, 'verifications', { agrees, machines, notVerified }, { compact: true });
  else {
    io.out(renderVerifications(machines, notVerified, lookOf(io)));
    for (const one of differing) io.out(`\n${renderVerification(one, options.limit, lookOf(io))}`);
  }
  if (differing.length > 0) return DIFFERS;
  return agrees ? 0 : NOT_READ;
}

/** Of several machines, some have filters that this libseccomp cannot build. */
function refusalOf(error: unknown): string {
  if (error instanceof BenchError && error.code === 'input') return error.message;
  throw error;
}

/** Throws `usage`. */
function refuseConflicts({ filter, loaded, machines, profile }: VerifyOptions): void {
  if (filter !== undefined && wantsLoaded(loaded)) throw conflict('--filter', 'a container or a process');
  if (filter === '-' && profile === '-') throw conflict('--filter -', 'a profile from standard input');
  if (machines !== null && wantsLoaded(loaded))
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
    ...(seen.predicted?.state === 'built' ? { predicted: seen.predicted } : {}),
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
