import type { AnalysedRun } from '../../model/analysis/analysis.js';
import type {
  Amount,
  ArmActivity,
  FilterCost,
  PriceLine,
  TouchedPrice,
} from '../../model/analysis/workload-analysis.js';
import type { KeptProfile } from '../../model/results/workload-findings.js';
import { counted, durationOrDash, effectOf, plain, sentence } from '../text/format.js';
import { hostMitigationWords, mitigationTable } from '../run/mitigations.js';
import { publishedRatio, publishedWorkloadFor, WORKLOAD_SOURCE } from './published-workloads.js';
import type { PublishedPair } from './published-workloads.js';
import { left, right } from '../run/tables.js';
import type { Table } from '../run/tables.js';
import { metricWords, rolesOf } from '../text/words.js';

/** What is told of a program: none where the payload ran. The mitigations are told of every run. */
export function workloadTables(analysed: AnalysedRun): readonly Table[] {
  const {
    run,
    analysis: { workload },
  } = analysed;
  const mitigations = mitigationTable(run);
  const rest = mitigations === null ? [] : [mitigations];
  if (workload === undefined) return rest;
  return [
    publishedPairsTable(analysed),
    costTable(workload.costs),
    activityTable(analysed, workload.activities),
    seriesTable(workload.activities),
    priceTable(workload.prices),
    touchTable(workload.touched),
    ...rest,
    profileTable(analysed),
  ].filter((table) => table !== null);
}

const BLANK = '–';

/** An amount in ns, µs, ms or s with its interval. */
export function amountText(amount: Amount | null): string {
  if (amount === null) return BLANK;
  const { ns, low, high } = amount;
  const size = Math.max(Math.abs(ns), Math.abs(low ?? 0), Math.abs(high ?? 0));
  const [unit, divisor, decimals] =
    size >= 1e9
      ? (['s', 1e9, 3] as const)
      : size >= 1e6
        ? (['ms', 1e6, 2] as const)
        : size >= 1e3
          ? (['µs', 1e3, 1] as const)
          : (['ns', 1, 1] as const);
  const head = `${plain(ns / divisor, decimals)} ${unit}`;
  return low === null || high === null
    ? head
    : `${head} [${plain(low / divisor, decimals)}, ${plain(high / divisor, decimals)}]`;
}

function costTable(costs: readonly FilterCost[]): Table | null {
  if (costs.length === 0) return null;
  return {
    title: 'What the filter should cost, and what was measured',
    columns: [
      left('Arms'),
      left('Metric'),
      right('Start alone'),
      right('System calls'),
      right('Predicted'),
      right('Measured'),
      left('They agree'),
    ],
    rows: costs.map(({ arm, baseline, metric, start, calls, predicted, measured, agree }) => [
      `${arm} / ${baseline}`,
      metricWords(metric, 'sequential'),
      amountText(start),
      amountText(calls),
      amountText(predicted),
      amountText(measured),
      agree === null ? 'not known' : agree ? 'yes' : 'no',
    ]),
    note: `Differences per run, with 95 % intervals. Start alone: the payload in the program's place. System calls: every counted call of the program times what it costs more under this filter, priced in this run. They agree where the intervals meet. ${costs.map((cost) => sentence(cost.sentence)).join(' ')}`,
  };
}

function activityTable({ run }: AnalysedRun, activities: readonly ArmActivity[]): Table {
  const series = activities.some((one) => one.series.length > 0);
  const whole = (value: number | null): string => (value === null ? BLANK : Math.round(value).toLocaleString('en-US'));
  return {
    title: 'What the program asks of the kernel',
    columns: [
      left('Arm'),
      right('Calls a run'),
      right('Calls a second'),
      ...(series ? [right('Most in a second, under perf')] : []),
      right('Minor faults'),
      right('Major faults'),
      right('Switches, voluntary'),
      right('Involuntary'),
    ],
    rows: activities.map((one) => [
      one.arm,
      whole(one.calls),
      whole(one.callsPerSecond),
      ...(series ? [one.series.length === 0 ? BLANK : whole(Math.max(...one.series))] : []),
      whole(one.minorFaults),
      whole(one.majorFaults),
      whole(one.voluntarySwitches),
      whole(one.involuntarySwitches),
    ]),
    note: `Calls are the program's own, counted in runs of their own; a second is of the wall time of runs that nobody watched${series ? "; under perf the runtime's calls are among them" : ', because perf could not count here'}. Faults and switches are of the timed runs, the runtime's included. On this host ${hostMitigationWords(run.host)}.`,
  };
}

/** The rate as perf stat -I gives it. */
function seriesTable(activities: readonly ArmActivity[]): Table | null {
  const known = activities.filter(({ series }) => series.length > 0);
  if (known.length === 0) return null;
  return {
    title: 'System calls, second by second',
    columns: [left('Arm'), left('Calls begun in each second of one run')],
    rows: known.map(({ arm, series }) => [arm, series.map((calls) => calls.toLocaleString('en-US')).join(' \u00b7 ')]),
    note: "By perf stat -I 1000 around all that is started for the container: the first second holds the runtime's calls, the last step is shorter. Not a timed run.",
    folded: true,
  };
}

function priceTable(prices: readonly PriceLine[]): Table | null {
  if (prices.length === 0) return null;
  return {
    title: 'What the filter adds to a system call',
    columns: [left('Arm'), left('Kind of call'), right('Added'), right('Instructions run'), left('Priced with')],
    rows: prices.map(({ arm, kind, price, instructions, calls }) => [
      arm,
      kind === 'cached' ? 'allowed whatever its arguments' : 'by its arguments, or denied',
      amountText(price),
      kind === 'cached' ? '0 (cached)' : plain(instructions, 0),
      calls.join(' '),
    ]),
    note: 'Against the baseline, in this run, by a program in a container of each arm that calls the kernel in a loop; with 95 % intervals.',
  };
}

function touchTable(touched: readonly TouchedPrice[]): Table | null {
  if (touched.length === 0) return null;
  return {
    title: 'A system call beside a working set',
    columns: [left('Arm'), right('MiB read before each call'), left('Order'), right('A call')],
    rows: touched.map(({ arm, mib, order, perCall }) => [arm, String(mib), order, amountText(perCall)]),
    note: TOUCH_WORDS,
  };
}

/** What such figures are of. */
export const TOUCH_WORDS =
  'The same call after so much memory was read; the reading itself is taken off. What rises with it is the price of caches and address translation that entering the kernel spoils, and of page-table isolation where that is on: these price page-table isolation, not seccomp.';

function profileTable({ run: { workload } }: AnalysedRun): Table | null {
  const profiles = workload?.profiles ?? [];
  if (profiles.length === 0) return null;
  const found = (profile: KeptProfile): string => (profile.state === 'kept' ? profile.file : profile.reason);
  return {
    title: 'Profiles kept',
    columns: [left('Arm'), left('Profiler'), left('File in the results folder'), right('It says')],
    rows: profiles.map((profile) => [
      profile.arm,
      profile.profiler,
      found(profile),
      profile.state === 'kept' && profile.seconds !== null ? `${plain(profile.seconds, 3)} s` : BLANK,
    ]),
    note: 'Of one run per arm that is not among the timed ones: a profiler slows a program down.',
  };
}

/** The published pairs beside the same quantity here. */
function publishedPairsTable(analysed: AnalysedRun): Table | null {
  const published = publishedWorkloadFor(analysed.run.plan.scenario);
  if (published === undefined) return null;
  const { baseline, compared } = rolesOf(analysed);
  return {
    title: `Published and measured: ${published.title}`,
    columns: [left('Source'), left('What'), right('No filter'), right('Filter'), right('Times as long')],
    rows: published.pairs.flatMap((pair) => [
      [
        'published',
        pair.what,
        `${plain(pair.unconfinedSeconds, 2)} s`,
        `${plain(pair.defaultSeconds, 2)} s`,
        plain(publishedRatio(pair), 2),
      ],
      ...compared.map((arm) => measuredRow(analysed, pair, { arm, baseline })),
    ]),
    note: `Published: ${WORKLOAD_SOURCE}; one run each, timed inside, on kernel 4.15. Measured here: ${counted(analysed.analysis.blocksComplete, 'block')}, containers as a whole, their start included; the ratio is of CPU time with its 95 % interval. A profiler's figures are of one run each.`,
  };
}

function measuredRow(
  analysed: AnalysedRun,
  pair: PublishedPair,
  { arm, baseline }: { readonly arm: string; readonly baseline: string },
): readonly string[] {
  if (pair.profiler !== undefined) return profiledRow(analysed, pair, { arm, baseline });
  const median = (name: string): string =>
    durationOrDash(analysed.analysis.arms.find((one) => one.arm === name)?.wall?.median);
  const estimate =
    analysed.analysis.comparisons.find((one) => one.arm === arm && one.metric === 'cpu' && one.estimate !== null)
      ?.estimate ??
    analysed.analysis.comparisons.find((one) => one.arm === arm && one.metric === 'wall')?.estimate ??
    null;
  if (estimate === null) return [`measured, ${arm}`, pair.what, median(baseline), median(arm), BLANK];
  const { percent, low, high } = effectOf(estimate);
  const times = (value: number): string => plain(1 + value / 100, 3);
  const interval = low === null || high === null ? '' : ` [${times(low)}, ${times(high)}]`;
  return [`measured, ${arm}`, pair.what, median(baseline), median(arm), `${times(percent)}${interval}`];
}

function profiledRow(
  { run: { workload } }: AnalysedRun,
  pair: PublishedPair,
  { arm, baseline }: { readonly arm: string; readonly baseline: string },
): readonly string[] {
  const seconds = (name: string): number | null =>
    workload?.profiles.flatMap((one) =>
      one.arm === name && one.profiler === pair.profiler && one.state === 'kept' ? [one.seconds] : [],
    )[0] ?? null;
  const [none, filter] = [seconds(baseline), seconds(arm)];
  if (none === null || filter === null)
    return [`measured, ${arm}`, pair.what, BLANK, BLANK, 'not taken: --profile-with cprofile'];
  return [`measured, ${arm}`, pair.what, `${plain(none, 2)} s`, `${plain(filter, 2)} s`, plain(filter / none, 2)];
}

/**
 * What the terminal says of a program: whether the filter explains the difference, and its mitigations where they
 * differ.
 */
export function workloadSentences({ analysis: { workload } }: AnalysedRun): readonly string[] {
  return workload === undefined ? [] : workload.costs.map((cost) => sentence(cost.sentence));
}
