import { BenchError, conflict } from '../../../errors.js';
import { filterOfSource, loadedInOwn, loadedOfExisting } from '../../../experiment/index.js';
import type { ConversionOptions, Loaded, SourceFilter } from '../../../experiment/index.js';
import { Simulator } from '../../../filter/index.js';
import type { FilterForm } from '../../../filter/index.js';
import type { Io } from '../../../model/io.js';
import type { LeftOut } from '../../../model/profile/seccomp.js';
import { FORM_NAMES } from '../../../model/profile/source.js';
import { readSource } from '../../../profile/index.js';
import type { DiffOperand } from '../../options/diff.js';
import type { Target } from '../../options/target.js';

export interface SideOptions {
  readonly conversion: ConversionOptions;
  readonly form: FilterForm;
}

/** One side, ready to become filters on any machine. */
export interface DiffSide {
  readonly name: string;
  /** What it was taken for, in words. */
  readonly form: string;
  /** Whether it can only be compared on this machine. */
  readonly isLoaded: boolean;
  readonly filtersFor: (
    target: Target,
  ) => SourceFilter | { readonly filters: SourceFilter['filters']; readonly leftOut: readonly LeftOut[] };
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
  const made = before.filtersFor(own);
  if (!('source' in made))
    throw conflict(before.form, 'a runtime', { hint: 'Only a profile or a filter can be given to a runtime. Give B.' });
  return [before, loadedSide(second.name, await loadedInOwn(made, second.request, io))];
}

async function sideOf(operand: DiffOperand, options: SideOptions, io: Io): Promise<DiffSide> {
  const { name } = operand;
  switch (operand.kind) {
    case 'unconfined':
      return { name, form: 'no filter', isLoaded: false, filtersFor: () => ({ filters: [], leftOut: [] }) };
    case 'existing':
    case 'own':
      return loadedSide(name, await loadedOfExisting(operand.request, io));
    case 'source': {
      const source = await readSource(operand.file, io, { lenient: options.conversion.lenient });
      return {
        name,
        form: FORM_NAMES[source.form],
        isLoaded: false,
        filtersFor: (target) => filterOfSource(source, target, { ...options.conversion, form: options.form }),
      };
    }
  }
}

function loadedSide(name: string, { programs, what }: Loaded): DiffSide {
  if (programs.state === 'notSeen')
    throw new BenchError('environment', `could not read the filter of ${what}: ${programs.reason}`);
  const filters = programs.programs.map((program) => new Simulator(program));
  return {
    name,
    form: `loaded in ${what}, read by ${programs.via}`,
    isLoaded: true,
    filtersFor: () => ({ filters, leftOut: [] }),
  };
}
