import type {
  ArmCallTable,
  CallAnalysis,
  CallRow,
  PartTable,
  Slowdown,
  Spread,
} from '../../model/analysis/call-analysis.js';
import { CALL_PARTS } from '../../model/results/syscalls.js';
import type { ArmCounts, CallCount, PartCounts, SyscallCounts } from '../../model/results/syscalls.js';
import { compareCalls } from './call-differences.js';
import { medianOf as medianOfSeries } from '../distributions/selection.js';

/** A run's counting runs as tables, every arm against the first; `undefined` where there were none. */
export function analyseCalls(counts: SyscallCounts | undefined): CallAnalysis | undefined {
  if (counts === undefined) return undefined;
  const counted = counts.arms.filter((arm) => arm.state === 'counted');
  const arms = counted.map(tableOf);
  const [baseline] = counts.arms;
  const first = arms.find(({ arm }) => arm === baseline?.arm);
  return {
    counter: counts.counter,
    refusals: counts.refusals,
    notes: counts.notes,
    arms,
    notCounted: counts.arms.flatMap((arm) => (arm.state === 'counted' ? [] : [{ arm: arm.arm, reason: arm.reason }])),
    // Loads of servers differ in how many requests they make.
    comparisons:
      first === undefined || counted.some(({ requests }) => requests !== undefined)
        ? []
        : arms.filter((arm) => arm !== first).map((arm) => compareCalls(first, arm)),
  };
}

function tableOf({
  arm,
  runs,
  countedNs,
  uncountedNs,
  requests,
}: ArmCounts & { readonly state: 'counted' }): ArmCallTable {
  return {
    arm,
    repeats: runs.length,
    parts: partTables(runs),
    slowdown: slowdownOf(countedNs, uncountedNs),
    ...(requests === undefined ? {} : { requests: requests.reduce((sum, each) => sum + each, 0) / requests.length }),
  };
}

/** The parts of one arm's runs; a part or a call that a run lacks counts as 0 there. */
export function partTables(runs: readonly (readonly PartCounts[])[]): readonly PartTable[] {
  return CALL_PARTS.flatMap((part) => {
    const own = runs.map((run) => run.find((one) => one.part === part));
    if (own.every((one) => one === undefined)) return [];
    return [
      partTable(
        part,
        own.map((one) => one?.calls ?? []),
        own.map((one) => one?.operations ?? []),
      ),
    ];
  });
}

function partTable(
  part: PartTable['part'],
  calls: readonly (readonly CallCount[])[],
  operations: readonly (readonly CallCount[])[],
): PartTable {
  const totals = calls.map((run) => [totalOf(run)]);
  const [total] = rowsOf(totals, null);
  if (total === undefined) throw new RangeError('a part has a total');
  return {
    part,
    rows: rowsOf(calls, total.seconds),
    total: { ...total, timeShare: total.seconds === null ? null : 1 },
    operations: rowsOf(operations, null),
  };
}

const TOTAL = 'total';

function totalOf(run: readonly CallCount[]): CallCount {
  const sum = (key: 'errors' | 'seconds'): number | null =>
    run.reduce<number | null>((all, one) => (all === null || one[key] === null ? null : all + one[key]), 0);
  return {
    name: TOTAL,
    calls: run.reduce((all, { calls }) => all + calls, 0),
    errors: sum('errors'),
    seconds: sum('seconds'),
  };
}

function rowsOf(runs: readonly (readonly CallCount[])[], allSeconds: number | null): readonly CallRow[] {
  const names = [...new Set(runs.flatMap((run) => run.map(({ name }) => name)))];
  return names
    .map((name) =>
      rowOf(
        name,
        runs.map((run) => run.find((one) => one.name === name)),
        allSeconds,
      ),
    )
    .sort((a, b) => (b.seconds ?? 0) - (a.seconds ?? 0) || b.calls.max - a.calls.max || (a.name < b.name ? -1 : 1));
}

function rowOf(name: string, counts: readonly (CallCount | undefined)[], allSeconds: number | null): CallRow {
  const errors = counts.map((count) => (count === undefined ? 0 : count.errors));
  const seconds = counts.map((count) => (count === undefined ? 0 : count.seconds));
  const perCall = counts.flatMap((count) =>
    count?.seconds === null || count === undefined || count.calls === 0 ? [] : [count.seconds / count.calls],
  );
  const median = allKnown(seconds) ? medianOf(seconds) : null;
  return {
    name,
    calls: spreadOf(counts.map((count) => count?.calls ?? 0)),
    errors: allKnown(errors) ? spreadOf(errors) : null,
    seconds: median,
    usecsPerCall: median === null || perCall.length === 0 ? null : medianOf(perCall) * 1e6,
    timeShare: median === null || allSeconds === null || allSeconds === 0 ? null : median / allSeconds,
  };
}

const allKnown = (values: readonly (number | null)[]): values is readonly number[] =>
  values.every((value) => value !== null);
const spreadOf = (values: readonly number[]): Spread => ({ min: Math.min(...values), max: Math.max(...values) });

function slowdownOf(counted: readonly number[], uncounted: readonly number[]): Slowdown | null {
  if (counted.length === 0 || uncounted.length === 0) return null;
  // Of neighbours in time: anything else the machine does affects both of a pair.
  const ratios = counted.flatMap((ns, index) => (uncounted[index] === undefined ? [] : [ns / uncounted[index]]));
  return { countedNs: medianOf(counted), uncountedNs: medianOf(uncounted), ratio: medianOf(ratios) };
}

const medianOf = (values: readonly number[]): number => medianOfSeries(Float64Array.from(values));
