import { BenchError, conflict } from '../../../errors.js';
import { compareFilters, machinesKnown } from '../../../filter/index.js';
import type { FilterDiff } from '../../../model/filter/diff.js';
import type { Io } from '../../../model/io.js';
import { diffMarkdown, isOpened, renderDiff } from '../../../report/index.js';
import type { ToldDiff } from '../../../report/index.js';
import type { DiffOperand, DiffView } from '../../options/diff.js';
import { targetOf } from '../../options/target.js';
import type { Target } from '../../options/target.js';
import type { DiffDocument, NotCompared } from '../../output/documents.js';
import { printJson } from '../../output/json.js';
import { lookOf } from '../../output/look.js';
import { sidesOf } from './sides.js';
import type { DiffSide, SideOptions } from './sides.js';

export interface DiffOptions {
  readonly sides: readonly [DiffOperand, DiffOperand];
  readonly view: DiffView;
  readonly conversion: SideOptions['conversion'];
}

/** Compares two sides and gives the exit code: 3 where something was opened and that was not to be. */
export async function diff({ sides, view, conversion }: DiffOptions, io: Io): Promise<number> {
  const own = targetOf();
  const targets = targetsOf(view, own);
  const options = { conversion, form: view.form };
  const [before, after] = await sidesOf(sides, own, options, io);
  if (view.machines !== null && (before.isLoaded || after.isLoaded))
    throw conflict('--arch', 'a container or a process', { hint: 'A loaded filter is for this machine.' });
  const document = documentOf([before, after], targets, view.machines === 'all');
  const outcome = view.price ? await timed(sides, document, options, io) : {};
  tell({ ...document, ...outcome }, [before, after], view, io);
  return view.failIfOpened ? gate(document, io) : 0;
}

const targetsOf = ({ machines }: DiffView, own: Target): readonly Target[] =>
  machines === null ? [own] : (machines === 'all' ? machinesKnown() : machines).map((name) => targetOf(name));

function documentOf(
  [before, after]: readonly [DiffSide, DiffSide],
  targets: readonly Target[],
  isAll: boolean,
): DiffDocument {
  const compared = targets.map((target) => comparedOn(target, before, after, isAll));
  const machines = compared.flatMap((one) => ('diff' in one ? [one.diff] : []));
  return {
    before: { name: before.name, form: before.form },
    after: { name: after.name, form: after.form },
    opened: machines.some(isOpened),
    machines,
    notCompared: compared.flatMap((one) => ('notCompared' in one ? [one.notCompared] : [])),
    leftOut: [...new Set(compared.flatMap((one) => ('diff' in one ? one.leftOut : [])))],
  };
}

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

/** Measured prices, or why there are none. */
type Timed = { readonly price: NonNullable<DiffDocument['price']> } | { readonly why: string };

/** The difference is told even where containers cannot be made, or not under these filters. */
async function timed(
  sides: DiffOptions['sides'],
  { machines: [first] }: DiffDocument,
  options: SideOptions,
  io: Io,
): Promise<Timed> {
  try {
    const { priceDiff } = await import('./price.js');
    const price = first === undefined ? null : await priceDiff(sides, first, options, io);
    return price === null ? { why: 'no call that changed can be made without an effect' } : { price };
  } catch (error) {
    if (!(error instanceof BenchError) || error.code === 'usage' || error.code === 'interrupted') throw error;
    return { why: error.message };
  }
}

function tell(
  { why, ...document }: DiffDocument & { readonly why?: string },
  sides: readonly DiffSide[],
  view: DiffView,
  io: Io,
): void {
  if (view.output === 'json') {
    printJson(io, 'diff', { ...document, ...(why === undefined ? {} : { notTimed: why }) }, { compact: true });
    return;
  }
  const { before, after, machines, leftOut, notCompared, price } = document;
  const told: ToldDiff = {
    before: before.name,
    after: after.name,
    machines,
    notes: [
      ...sides.flatMap(({ note }) => (note === null ? [] : [note])),
      ...leftOut,
      ...notCompared.map(({ machine, reason }) => `Not compared on ${machine}: ${reason}.`),
      ...(why === undefined ? [] : [`Not timed: ${why}.`]),
    ],
    price: price ?? null,
  };
  io.out(
    view.output === 'markdown'
      ? diffMarkdown(told, view.limit)
      : renderDiff(told, { ...lookOf(io), limit: view.limit }),
  );
}

/** Says why it fails. */
function gate({ machines, notCompared }: DiffDocument, io: Io): number {
  const reasons = [
    ...machines
      .filter(isOpened)
      .map(({ machine, proof }) =>
        proof.state === 'sampled'
          ? `on ${machine} it is not proved that nothing was opened`
          : `something was opened on ${machine}`,
      ),
    ...notCompared.map(({ machine }) => `${machine} was not compared`),
  ];
  for (const reason of reasons) io.err(`fails under --fail-if-opened: ${reason}\n`);
  return reasons.length > 0 ? 3 : 0;
}
