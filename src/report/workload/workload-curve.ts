import type { AnalysedRun } from '../../model/analysis/analysis.js';
import type { Amount, FilterCost } from '../../model/analysis/workload-analysis.js';
import { dotAxis } from '../charts/axis.js';
import type { CurvePoint, CurveSpec } from '../charts/spec.js';
import { counted, effectDecimals, signed } from '../text/format.js';
import { isolationWords } from '../run/mitigations.js';
import { runTitle } from '../words/run.js';

/** The axis of rates, unless a program is outside: most are within. */
const RATES = { min: 100, max: 1e7 } as const;
/** The curves are cut at an overhead nobody would accept. */
const LEAST_TOP = 25;

/**
 * Overhead % = rate x price: a line per kind of call, the program's place on it as predicted and as measured; `null`
 * where no call was priced.
 */
export function overheadCurve(analysed: AnalysedRun, id: string): CurveSpec | null {
  const {
    run,
    analysis: { workload },
  } = analysed;
  if (workload === undefined || workload.prices.length === 0) return null;
  const points = workload.costs.flatMap((cost) => pointsOf(analysed, cost));
  const reached = points.flatMap(({ y, high }) => [y, high ?? y]);
  const axis = dotAxis([
    0,
    Math.max(LEAST_TOP, ...reached.map((value) => Math.min(value, 100))),
    ...points.flatMap(({ y, low }) => [Math.max(-100, Math.min(y, low ?? y))]),
  ]);
  return {
    kind: 'curve',
    id,
    title: `${runTitle(analysed)}: overhead by rate of calls`,
    subtitle: `Overhead % = calls per second x price of the filter per call, priced in this run. On this host \
${isolationWords(run.host)}.`,
    xTitle: `system calls per second of ${workload.costs.some(({ metric }) => metric === 'cpu') ? 'CPU' : 'wall'} \
time (logarithmic)`,
    yTitle: 'overhead, % of time',
    x: rangeFor(points),
    axis,
    lines: workload.prices.map(({ arm, kind, price, instructions }) => ({
      label: `${arm}: ${kind === 'cached' ? 'cached' : counted(Math.round(instructions), 'instruction')}, \
${signed(price.ns, 1)} ns per call`,
      kind,
      percentPerCall: price.ns / 1e7,
    })),
    points,
  };
}

/** From the smallest power of ten that shows every point to the largest. */
function rangeFor(points: readonly CurvePoint[]): CurveSpec['x'] {
  const rates = points.map(({ x }) => x);
  const power = (value: number, round: (value: number) => number): number => 10 ** round(Math.log10(value));
  return {
    min: Math.min(RATES.min, ...rates.map((rate) => power(rate, Math.floor))),
    max: Math.max(RATES.max, ...rates.map((rate) => power(rate, Math.ceil))),
  };
}

function pointsOf(
  { analysis }: AnalysedRun,
  { arm, baseline, metric, calls, start, measured }: FilterCost,
): readonly CurvePoint[] {
  const { workload, arms } = analysis;
  const own = workload?.activities.find((one) => one.arm === baseline)?.calls ?? null;
  const base = arms.find((one) => one.arm === baseline)?.[metric === 'cpu' ? 'cpu' : 'wall']?.median ?? null;
  if (own === null || own === 0 || base === null || calls === null) return [];
  // Of the same time that the overhead is a share of: otherwise the point would not lie on its curve.
  const rate = own / (base / 1e9);
  const percentOfBase = (value: number): number => (100 * value) / base;
  const point = (role: CurvePoint['role'], amount: Amount): CurvePoint => {
    const y = percentOfBase(amount.ns);
    const [low, high] = [amount.low, amount.high].map((bound) => (bound === null ? null : percentOfBase(bound)));
    const decimals = Math.abs(y) < 0.1 ? 3 : effectDecimals({ percent: y, low: low ?? null, high: high ?? null });
    return {
      label: `${arm}: the program, ${role}`,
      role,
      x: rate,
      y,
      low: low ?? null,
      high: high ?? null,
      words: `${role} ${signed(y, decimals)} %`,
    };
  };
  return [
    point('predicted', calls),
    ...(measured === null || start === null ? [] : [point('measured', less(measured, start))]),
  ];
}

/** What was measured apart from the start, which no rate of calls explains. */
function less(measured: Amount, start: Amount): Amount {
  const ns = measured.ns - start.ns;
  if (measured.low === null || measured.high === null || start.low === null || start.high === null)
    return { ns, low: null, high: null };
  return {
    ns,
    low: ns - Math.hypot(measured.ns - measured.low, start.high - start.ns),
    high: ns + Math.hypot(measured.high - measured.ns, start.ns - start.low),
  };
}
