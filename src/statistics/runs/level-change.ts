import type { BreakAnalysis, BreakRow } from '../../model/analysis/break-analysis.js';
import type { RunWarning } from '../../model/analysis/analysis.js';
import { FEWEST_FOR_TRIMMED, isTimed } from '../../model/analysis/judgement.js';
import type { RunBreak } from '../../model/results/break.js';
import type { MetricLogs } from '../paired/metrics.js';
import type { Turns } from '../paired/turns.js';
import { holm } from '../verdict/family.js';
import type { Roles } from '../verdict/roles.js';
import { difference, effectOf, levelOf } from './welch.js';
import type { Measured } from './welch.js';

/** A change is clear below this adjusted p. */
const CLEAR = 0.01;

type Resumed = Extract<RunBreak, { readonly kind: 'resumed' }>;

/** Places of complete blocks: from, and to without. */
type Stretch = readonly [from: number, to: number];

interface Sides {
  readonly resumed: Resumed;
  readonly before: Stretch;
  readonly after: Stretch;
}

/** A run whose breaks are looked at. */
export interface Broken {
  readonly turns: Pick<Turns, 'arms' | 'complete'>;
  readonly roles: Roles;
  readonly breaks: readonly RunBreak[];
  /** A share; only the equivalence of the estimates rests on it. */
  readonly margin: number;
}

/**
 * Compares what was measured before and after each place where a run was resumed (docs/method.md, section 16): the
 * blocks up to the next break on either side, or the 30 nearest where those are fewer.
 */
export function analyseBreaks(broken: Broken, metrics: readonly MetricLogs[]): readonly BreakAnalysis[] {
  const sides = sidesOf(broken);
  const rows = sides.map((one) => rowsOf(one, broken, metrics));
  const adjusted = { effect: adjustedOf(rows.flat(), 'effect'), level: adjustedOf(rows.flat(), 'level') };
  return sides.map(({ resumed: { block, at: when }, before, after }, index) => ({
    block,
    at: when,
    blocks: [before[1] - before[0], after[1] - after[0]],
    rows: (rows[index] ?? []).map((row) => {
      const p = adjusted[row.kind].get(row) ?? null;
      return { ...row, adjusted: p, changed: p !== null && p < CLEAR };
    }),
  }));
}

type Row = Pick<BreakRow, 'kind' | 'arm' | 'metric' | 'estimate'>;

/** A run that was resumed before its first measured block has nothing to compare. */
function sidesOf({ breaks, turns: { complete } }: Broken): readonly Sides[] {
  const resumed = breaks.filter((one): one is Resumed => one.kind === 'resumed');
  const endOf = ({ block }: Resumed): number => {
    const place = complete.findIndex((one) => one >= block);
    return place < 0 ? complete.length : place;
  };
  const ends = resumed.map(endOf);
  return resumed.flatMap((one) => {
    const end = endOf(one);
    const previous = Math.max(0, ...ends.filter((other) => other < end));
    const next = Math.min(complete.length, ...ends.filter((other) => other > end));
    const before: Stretch = [Math.max(0, Math.min(previous, end - FEWEST_FOR_TRIMMED)), end];
    const after: Stretch = [end, Math.min(complete.length, Math.max(next, end + FEWEST_FOR_TRIMMED))];
    return end === 0 || end === complete.length ? [] : [{ resumed: one, before, after }];
  });
}

function rowsOf({ before, after }: Sides, { roles, turns, margin }: Broken, metrics: readonly MetricLogs[]): Row[] {
  // A metric that lacks some of the complete blocks has other places.
  const timed = metrics.filter(
    ({ metric, byArm: [first] }) => isTimed(metric) && first?.length === turns.complete.length,
  );
  const compare = (of: (stretch: Stretch) => Measured | null): Row['estimate'] => {
    const [first, second] = [of(before), of(after)];
    return first === null || second === null ? null : difference(first, second, margin);
  };
  const name = (arm: number): string => turns.arms[arm] ?? '';
  return timed.flatMap((logs): Row[] => [
    ...roles.compared.map(({ arm, baseline, control }): Row => ({
      kind: 'effect',
      arm: name(arm),
      metric: logs.metric,
      estimate: compare((stretch) => effectOf(within(logs, stretch), arm, baseline, control)),
    })),
    {
      kind: 'level',
      arm: name(roles.baseline),
      metric: logs.metric,
      estimate: compare((stretch) => levelOf(within(logs, stretch).byArm[roles.baseline] ?? new Float64Array(0))),
    },
  ]);
}

const within = (logs: MetricLogs, [from, to]: Stretch): MetricLogs => ({
  ...logs,
  byArm: logs.byArm.map((own) => own.subarray(from, to)),
});

function adjustedOf(rows: readonly Row[], kind: Row['kind']): ReadonlyMap<Row, number> {
  const tested = rows.filter((row) => row.kind === kind && row.estimate !== null);
  const values = holm(tested.map(({ estimate }) => estimate?.p ?? 1));
  return new Map(tested.map((row, index) => [row, values[index] ?? 1]));
}

/** Effects that are not the same before and after a break; levels drift anyway. */
export const levelWarnings = (breaks: readonly BreakAnalysis[]): readonly RunWarning[] =>
  breaks.flatMap(({ block, rows }) =>
    rows.flatMap(({ kind, arm, metric, estimate, adjusted, changed }): readonly RunWarning[] =>
      kind === 'effect' && changed && estimate !== null && adjusted !== null
        ? [{ code: 'effectAtBreak', block, arm, metric, logRatio: estimate.logRatio, p: adjusted }]
        : [],
    ),
  );
