import { BenchError, conflict } from '../../../errors.js';
import { filterOfSource, loadedInOwn, loadedOfExisting } from '../../../experiment/index.js';
import type { Loaded } from '../../../experiment/index.js';
import { Simulator } from '../../../filter/index.js';
import type { FilterForm } from '../../../filter/index.js';
import type { Io } from '../../../model/io.js';
import type { ArchitecturePolicy, LeftOut } from '../../../model/profile/seccomp.js';
import { isDisabled } from '../../../model/profile/profile.js';
import { FORM_NAMES, isTold } from '../../../model/profile/source.js';
import type { FilterSource } from '../../../model/profile/source.js';
import { readSource, sourceOptions } from '../../../profile/index.js';
import { formWords } from '../../../report/index.js';
import type { FilterConversion } from '../../options/conversion.js';
import type { DiffOperand } from '../../options/diff.js';
import type { Target } from '../../options/target.js';

export interface SideOptions {
  readonly conversion: FilterConversion & { readonly policy: ArchitecturePolicy };
  readonly form: FilterForm;
}

/** The filters of a side on one machine. */
export interface BuiltSide {
  readonly filters: readonly Simulator[];
  readonly leftOut: readonly LeftOut[];
}

/** One side, ready to become filters on any machine. */
export interface DiffSide {
  readonly name: string;
  /** What it was taken for, in words. */
  readonly form: string;
  /** A sentence about that where it is not plain. */
  readonly note: string | null;
  /** Absent for what is loaded already, and for no filter. */
  readonly source?: FilterSource;
  /** Whether it can only be compared on this machine. */
  readonly isLoaded: boolean;
  readonly filtersFor: (target: Target) => BuiltSide;
}

/** Reads both sides. Throws `input` for a file that cannot be read, `environment` for a filter that cannot. */
export async function sidesOf(
  [first, second]: readonly [DiffOperand, DiffOperand],
  own: Target,
  options: SideOptions,
  io: Io,
): Promise<readonly [DiffSide, DiffSide]> {
  const before = await sideOf(first, options, io);
  if (second.kind !== 'own') return [before, await sideOf(second, options, io)];
  if (before.source === undefined) throw conflict(before.name, 'a runtime', { hint: 'Give B.' });
  const built = filterOfSource(before.source, own, { ...options.conversion, form: options.form });
  const loaded = await loadedInOwn(built, second.request, io);
  return [asBuiltBy(loaded, before), loadedSide(second.name, loaded)];
}

async function sideOf(operand: DiffOperand, options: SideOptions, io: Io): Promise<DiffSide> {
  const { name } = operand;
  switch (operand.kind) {
    case 'unconfined':
      return { name, form: 'no filter', note: null, isLoaded: false, filtersFor: () => NO_FILTER };
    case 'existing':
    case 'own':
      return loadedSide(name, await loadedOfExisting(operand.request, io));
    case 'source':
      return sourceSide(name, await readSource(operand.file, io, sourceOptions(options.conversion)), options);
  }
}

/** The profile in the form that the runtime gives it, so that the two sides differ in nothing else. */
function asBuiltBy({ predicted, what }: Loaded, side: DiffSide): DiffSide {
  if (predicted?.state !== 'built' || predicted.form === undefined) return side;
  const filters = [new Simulator(predicted.program)];
  const form = predicted.form === 'tree' ? 'a binary tree' : 'the plain form';
  const note = `${side.name}: built as ${predicted.runtime ?? what} builds it, in ${form}.`;
  return {
    ...side,
    note: side.note === null ? note : `${side.note} ${note}`,
    filtersFor: () => ({ filters, leftOut: [] }),
  };
}

const NO_FILTER: BuiltSide = { filters: [], leftOut: [] };

function sourceSide(name: string, source: FilterSource, { conversion, form }: SideOptions): DiffSide {
  const isNone = source.kind === 'profile' && isDisabled(source.profile);
  return {
    name,
    form: FORM_NAMES[source.form],
    note: isTold(source) ? `${name}: ${formWords(source)}.` : null,
    source,
    isLoaded: false,
    filtersFor: (target) => (isNone ? NO_FILTER : filterOfSource(source, target, { ...conversion, form })),
  };
}

function loadedSide(name: string, { programs, what }: Loaded): DiffSide {
  if (programs.state === 'notSeen')
    throw new BenchError('environment', `could not read the filter of ${what}: ${programs.reason}`);
  const filters = programs.programs.map((program) => new Simulator(program));
  return {
    name,
    form: `loaded in ${what}, read by ${programs.via}`,
    note: `${name}: read from ${what}, by ${programs.via}.`,
    isLoaded: true,
    filtersFor: () => ({ filters, leftOut: [] }),
  };
}
