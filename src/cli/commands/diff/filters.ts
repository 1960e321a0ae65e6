import { BenchError, conflict } from '../../../errors.js';
import type { ConversionOptions } from '../../../experiment/index.js';
import { compareFilters, machinesKnown } from '../../../filter/index.js';
import type { FilterDiff } from '../../../model/filter/diff.js';
import type { Io } from '../../../model/io.js';
import { diffMarkdown, isOpened, renderDiff } from '../../../report/index.js';
import type { DiffOperand, DiffView } from '../../options/diff.js';
import { targetOf } from '../../options/target.js';
import type { Target } from '../../options/target.js';
import type { NotCompared } from '../../output/documents.js';
import { printJson } from '../../output/json.js';
import { lookOf } from '../../output/look.js';
import { sidesOf } from './sides.js';
import type { DiffSide } from './sides.js';

export interface DiffOptions {
  readonly sides: readonly [DiffOperand, DiffOperand];
  readonly view: DiffView;
  readonly conversion: ConversionOptions;
}

/** Compares two sides and gives the exit code: 3 where something was opened and that was not to be. */
export async function diff({ sides, view, conversion }: DiffOptions, io: Io): Promise<number> {
  const own = targetOf();
  const targets = targetsOf(view, own);
  const [before, after] = await sidesOf(sides, own, { conversion, form: view.form }, io);
  if (view.machines !== null && (before.isLoaded || after.isLoaded))
    throw conflict('--arch', 'a container or a process', { hint: 'A loaded filter is for this machine.' });
  const compared = targets.map((target) => comparedOn(target, before, after, view.machines === 'all'));
  const diffs = compared.flatMap((one) => ('diff' in one ? [one.diff] : []));
  const notCompared = compared.flatMap((one) => ('notCompared' in one ? [one.notCompared] : []));
  const leftOut = [...new Set(compared.flatMap((one) => ('diff' in one ? one.leftOut : [])))];
  const names = { before: before.name, after: after.name };
  const notes = [...leftOut, ...notCompared.map(({ machine, reason }) => `Not compared on ${machine}: ${reason}.`)];
  const opened = diffs.filter(isOpened);
  switch (view.output) {
    case 'json':
      printJson(
        io,
        'diff',
        {
          before: { name: before.name, form: before.form },
          after: { name: after.name, form: after.form },
          opened: opened.length > 0,
          machines: diffs,
          notCompared,
          leftOut,
        },
        { compact: true },
      );
      break;
    case 'markdown':
      io.out(diffMarkdown(diffs, notes, names, view.limit));
      break;
    case 'text':
      io.out(renderDiff(diffs, notes, names, { ...lookOf(io), limit: view.limit }));
  }
  return view.failIfOpened ? gate(opened, notCompared, io) : 0;
}

/** Says why it fails. */
function gate(opened: readonly FilterDiff[], notCompared: readonly NotCompared[], io: Io): number {
  for (const { machine, proof } of opened)
    io.err(
      proof.state === 'sampled'
        ? `fails under --fail-if-opened: on ${machine} it is not proved that nothing was opened\n`
        : `fails under --fail-if-opened: something was opened on ${machine}\n`,
    );
  for (const { machine } of notCompared) io.err(`fails under --fail-if-opened: ${machine} was not compared\n`);
  return opened.length + notCompared.length > 0 ? 3 : 0;
}

const targetsOf = ({ machines }: DiffView, own: Target): readonly Target[] =>
  machines === null ? [own] : (machines === 'all' ? machinesKnown() : machines).map((name) => targetOf(name));

type Compared =
  { readonly diff: FilterDiff; readonly leftOut: readonly string[] } | { readonly notCompared: NotCompared };

/** Of all machines, some have filters that this libseccomp cannot build. */
function comparedOn(target: Target, before: DiffSide, after: DiffSide, isOneOfAll: boolean): Compared {
  try {
    const built = [before, after].map((side) => ({ side, ...side.filtersFor(target) }));
    return {
      diff: compareFilters(built[0]?.filters ?? [], built[1]?.filters ?? [], target.machine),
      leftOut: built.flatMap(({ side, leftOut }) =>
        leftOut.map(({ what, reason }) => `Left out of ${side.name} on ${target.machine}: ${what} (${reason}).`),
      ),
    };
  } catch (error) {
    if (!isOneOfAll || !(error instanceof BenchError)) throw error;
    return { notCompared: { machine: target.machine, reason: error.message } };
  }
}
