import { referenceOf } from '../../model/run/scenario.js';
import type { AnalysedRun } from '../../model/analysis/analysis.js';
import type { ArmActivity, FilterCost, PriceLine, TouchedPrice } from '../../model/analysis/workload-analysis.js';
import type { KeptProfile } from '../../model/results/workload-findings.js';
import { amountText, counted, DASH, effectOf, formatCount, plain, timeOrDash } from '../text/format.js';
import { costSentence, ratioOf } from '../words/cost/cost.js';
import { servedActivityTable, serviceTable } from './service.js';
import { hostMitigationWords, mitigationTable } from '../run/mitigations.js';
import { publishedRatio, publishedWorkloadFor, WORKLOAD_SOURCE } from './published-workloads.js';
import type { PublishedPair } from './published-workloads.js';
import { left, right } from '../run/tables.js';
import type { Table } from '../run/tables.js';
import { metricWords } from '../words/names.js';
import { rolesOf } from '../words/run.js';

/** The tables of a program's run; where the payload ran, only its mitigations. */
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
    serviceTable(analysed),
    costTable(workload.costs, workloadSentences(analysed)),
    activityTable(analysed, workload.activities),
    seriesTable(workload.activities),
    priceTable(workload.prices),
    touchTable(workload.touched),
    ...rest,
    profileTable(analysed),
  ].filter((table) => table !== null);
}

function costTable(costs: readonly FilterCost[], sentences: readonly string[]): Table | null {
  if (costs.length === 0) return null;
  const isServed = costs.some(({ thing }) => thing === 'request');
  const predicted = isServed ? '' : ' Start alone: the payload instead of the program.';
  return {
    title: 'Predicted and measured cost of the filter',
    columns: [
      left('Arms'),
      left('Metric'),
      ...(isServed ? [] : [right('Start alone')]),
      right('System calls'),
      right('Predicted'),
      right('Measured'),
      left('Agree'),
    ],
    rows: costs.map(({ arm, baseline, metric, start, calls, predicted, measured, agree }) => [
      `${arm} / ${baseline}`,
      metricWords(metric, 'sequential'),
      ...(isServed ? [] : [amountText(start)]),
      amountText(calls),
      amountText(predicted),
      amountText(measured),
      agree === null ? 'unknown' : agree ? 'yes' : 'no',
    ]),
    note: `Differences per ${isServed ? 'request' : 'run'}, with 95 % intervals.${predicted} System calls: every \
counted call of the program times what it costs more under this filter, priced in this run. They agree where the \
intervals overlap. ${sentences.join(' ')}`,
  };
}

function activityTable({ run, analysis }: AnalysedRun, activities: readonly ArmActivity[]): Table {
  if (analysis.workload?.service !== undefined) return servedActivityTable(activities);
  const series = activities.some((one) => one.series.length > 0);
  const whole = (value: number | null): string => (value === null ? DASH : formatCount(Math.round(value)));
  return {
    title: 'System calls and faults of the program',
    columns: [
      left('Arm'),
      right('Calls per run'),
      right('Calls per second'),
      ...(series ? [right('Most per second, under perf')] : []),
      right('Minor faults'),
      right('Major faults'),
      right('Switches, voluntary'),
      right('Involuntary'),
    ],
    rows: activities.map((one) => [
      one.arm,
      whole(one.calls),
      whole(one.callsPerSecond),
      ...(series ? [one.series.length === 0 ? DASH : whole(Math.max(...one.series))] : []),
      whole(one.minorFaults),
      whole(one.majorFaults),
      whole(one.voluntarySwitches),
      whole(one.involuntarySwitches),
    ]),
    note: `Calls of the program itself, counted in separate runs; seconds are wall time of runs that were not traced${
      series ? '; under perf the calls of the runtime are included' : ' (perf could not count here)'
    }. Faults and switches are from the timed runs and include the runtime. On this host \
${hostMitigationWords(run.host)}.`,
  };
}

/** The rate as perf stat -I gives it. */
function seriesTable(activities: readonly ArmActivity[]): Table | null {
  const known = activities.filter(({ series }) => series.length > 0);
  if (known.length === 0) return null;
  return {
    title: 'System calls, second by second',
    columns: [left('Arm'), left('Calls begun in each second of one run')],
    rows: known.map(({ arm, series }) => [arm, series.map(formatCount).join(' \u00b7 ')]),
    note:
      "By perf stat -I 1000 around everything started for the container: the first second includes the runtime's " +
      'calls, the last step is shorter. Not a timed run.',
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
      kind === 'cached' ? 'allowed with any arguments' : 'decided by arguments, or denied',
      amountText(price),
      kind === 'cached' ? '0 (cached)' : formatCount(Math.round(instructions)),
      calls.join(' '),
    ]),
    note:
      'Relative to the baseline, measured in this run by a program that makes the calls in a loop in a container of ' +
      'each arm; \
with ' +
      '95 % intervals.',
  };
}

function touchTable(touched: readonly TouchedPrice[]): Table | null {
  if (touched.length === 0) return null;
  return {
    title: 'A system call after reading a working set',
    columns: [left('Arm'), right('MiB read before each call'), left('Order'), right('Time of a call')],
    rows: touched.map(({ arm, mib, order, perCall }) => [arm, String(mib), order, amountText(perCall)]),
    note: TOUCH_WORDS,
  };
}

/** What these figures measure. */
const TOUCH_WORDS =
  'The same call after reading this much memory; the time of reading is subtracted. The increase is the cost of caches \
and ' +
  'address translation that entering the kernel evicts, and of page-table isolation where it is on: these are costs \
of ' +
  'page-table isolation, not of seccomp.';

function profileTable({ run: { workload } }: AnalysedRun): Table | null {
  const profiles = workload?.profiles ?? [];
  if (profiles.length === 0) return null;
  const found = (profile: KeptProfile): string => (profile.state === 'kept' ? profile.file : profile.reason);
  return {
    title: 'Profiles kept',
    columns: [left('Arm'), left('Profiler'), left('File in the results folder'), right('Reported time')],
    rows: profiles.map((profile) => [
      profile.arm,
      profile.profiler,
      found(profile),
      profile.state === 'kept' && profile.seconds !== null ? `${plain(profile.seconds, 3)} s` : DASH,
    ]),
    note: 'From one separate, untimed run per arm: a profiler slows a program down.',
  };
}

/** The published pairs and the same quantity measured here. */
function publishedPairsTable(analysed: AnalysedRun): Table | null {
  const published = publishedWorkloadFor(analysed.run.plan.scenario);
  if (published === undefined) return null;
  const { baseline: first, compared } = rolesOf(analysed);
  const { arms } = analysed.run.plan.scenario;
  return {
    title: `Published and measured: ${published.title}`,
    columns: [left('Source'), left('What'), right('No filter'), right('Filter'), right('Ratio')],
    rows: published.pairs.flatMap((pair) => [
      [
        'published',
        pair.what,
        `${plain(pair.unconfinedSeconds, 2)} s`,
        `${plain(pair.defaultSeconds, 2)} s`,
        plain(publishedRatio(pair), 2),
      ],
      ...compared.map((arm) =>
        measuredRow(analysed, pair, { arm, baseline: referenceOf(arms, arm)?.baseline ?? first }),
      ),
    ]),
    note: `Published: ${WORKLOAD_SOURCE}; one run each, timed inside, on kernel 4.15. Measured here: \
${counted(analysed.analysis.blocksComplete, 'block')} of whole containers, including their start; the ratio is of CPU \
time with its 95 % interval. Figures of a profiler are from one run each.`,
  };
}

function measuredRow(
  analysed: AnalysedRun,
  pair: PublishedPair,
  { arm, baseline }: { readonly arm: string; readonly baseline: string },
): readonly string[] {
  if (pair.profiler !== undefined) return profiledRow(analysed, pair, { arm, baseline });
  const median = (name: string): string =>
    timeOrDash(analysed.analysis.arms.find((one) => one.arm === name)?.wall?.median);
  const estimate =
    analysed.analysis.comparisons.find((one) => one.arm === arm && one.metric === 'cpu' && one.estimate !== null)
      ?.estimate ??
    analysed.analysis.comparisons.find((one) => one.arm === arm && one.metric === 'wall')?.estimate ??
    null;
  if (estimate === null) return [`measured, ${arm}`, pair.what, median(baseline), median(arm), DASH];
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
    return [`measured, ${arm}`, pair.what, DASH, DASH, 'not measured: --profile-with cprofile'];
  return [`measured, ${arm}`, pair.what, `${plain(none, 2)} s`, `${plain(filter, 2)} s`, plain(filter / none, 2)];
}

/** Whether the filter explains what a program's run costs, one sentence per arm; empty where the payload ran. */
export const workloadSentences = ({ analysis: { workload, comparisons } }: AnalysedRun): readonly string[] =>
  workload === undefined ? [] : workload.costs.map((cost) => costSentence(cost, ratioOf(cost, comparisons)));

/** The same without what stands at the top of the report. */
export const workloadRemarks = (analysed: AnalysedRun, answers: readonly string[]): readonly string[] => {
  const { workload, comparisons } = analysed.analysis;
  const costs = workload?.costs ?? [];
  return costs.map((cost) => {
    const sentence = costSentence(cost, ratioOf(cost, comparisons));
    const told = answers.find((answer) => sentence.startsWith(answer));
    if (told === undefined) return sentence;
    const rest = sentence.slice(told.length).trimStart();
    return costs.length === 1 ? rest : `${cost.arm}: ${rest}`;
  });
};
