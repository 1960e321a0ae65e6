import type { Estimate } from '../../model/analysis/analysis.js';
import type { CallPrice, PercallAnalysis } from '../../model/analysis/percall-analysis.js';
import type { Located } from '../../model/results/percall/percall.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import { counted } from '../text/format.js';
import { engineWords } from '../words/run.js';
import { armOfAction, renderCallsCsv } from './calls-csv.js';

/** Formats that can hold prices of calls; the others know timed runs of a command only. */
export const CALLS_FORMATS = ['githubBenchmark', 'bencher', 'csv'] as const;
export type CallsFormat = (typeof CALLS_FORMATS)[number];

/** Priced calls in another tool's format, as the whole text of a file. */
export function renderCallsExport(format: CallsFormat, analysis: PercallAnalysis): string {
  switch (format) {
    case 'githubBenchmark':
      return `${JSON.stringify(seriesOf(analysis).flatMap(githubEntries), null, 2)}\n`;
    case 'bencher':
      return `${JSON.stringify(Object.fromEntries(seriesOf(analysis).map(bencherMeasures)), null, 2)}\n`;
    case 'csv':
      return renderCallsCsv(analysis);
  }
}

/** What the analysis holds and no export but the CSV has, one sentence each. */
export function leftOutOfCalls(analysis: PercallAnalysis): readonly string[] {
  const left = analysis.prices.filter((price) => price.ratio !== null && !isComparable(price, analysis));
  const failed = analysis.failed === 0 ? [] : [`${counted(analysis.failed, 'failed container')} left out: no times`];
  const why = emulationOfHost(analysis.run.host) === null ? 'invalid' : 'emulated';
  return [...failed, ...left.map(({ arm, call }) => `${arm}/${call}: ratio left out: the comparison is ${why}`)];
}

/** A call under an arm, as a benchmark with a name that stays the same from run to run. */
interface CallSeries {
  /** `percall/x86_64/runc/docker/getpid`. */
  readonly name: string;
  readonly ns: Located;
  readonly ratio: Estimate | null;
  /** The arm without a filter. */
  readonly baseline: string;
  readonly extra: string;
}

function seriesOf(analysis: PercallAnalysis): readonly CallSeries[] {
  const { run, blocks, prices } = analysis;
  const { host, plan, name } = run;
  const emulation = emulationOfHost(host);
  const machine = emulation === null ? host.machine : `${host.machine}-${emulation.kind}`;
  const baseline = prices.find(({ ratio }) => ratio === null)?.arm ?? '';
  const extra = [
    `${counted(blocks, 'container')}, ${plan.rounds} rounds of ${plan.loops} calls each`,
    `${engineWords(plan.engine)}, kernel ${host.kernel}, ${host.cpuModel}`,
    `run ${name}, seed ${plan.seed}`,
  ].join('\n');
  const answers = (analysis.actions?.prices ?? []).map(({ name: answer, ns }) => ({
    name: ['percall', machine, plan.engine.name, armOfAction(answer), plan.actions?.call.name ?? ''].join('/'),
    ns,
    ratio: null,
    baseline,
    extra,
  }));
  const ofArms = prices
    .filter(({ ns }) => Number.isFinite(ns.value))
    .map((price) => ({
      name: ['percall', machine, plan.engine.name, price.arm, price.call].join('/'),
      ns: price.ns,
      ratio: isComparable(price, analysis) ? price.ratio : null,
      baseline,
      extra,
    }));
  return [...ofArms, ...answers.filter(({ ns }) => Number.isFinite(ns.value))];
}

/** Neither invalid nor emulated: its ratio says something about the filter. */
const isComparable = ({ arm, reference }: CallPrice, { doubted, controls, run: { host } }: PercallAnalysis): boolean =>
  !doubted.includes(arm) &&
  emulationOfHost(host) === null &&
  controls.every(({ call, state }) => call !== reference || state !== 'differs');

/** For tool `customSmallerIsBetter`: ns per call, and the price in percent of that without a filter. */
const githubEntries = ({ name, ns, ratio, baseline, extra }: CallSeries): readonly object[] => [
  { name: `${name}: time per call`, unit: 'ns', value: ns.value, ...rangeOf(ns), extra },
  ...(ratio === null
    ? []
    : [
        {
          name: `${name}: time per call against ${baseline}`,
          unit: `% of ${baseline}`,
          value: 100 * Math.exp(ratio.logRatio),
          ...rangeOf({ value: 0, low: 100 * Math.exp(ratio.low), high: 100 * Math.exp(ratio.high) }),
          extra,
        },
      ]),
];

const isBounded = ({ low, high }: Located): boolean => Number.isFinite(low) && Number.isFinite(high);
const short = (value: number): string => String(Number(value.toPrecision(6)));
const rangeOf = (located: Located): object =>
  isBounded(located) ? { range: `95 % interval ${short(located.low)} to ${short(located.high)}` } : {};

/** `latency` is the built-in measure (ns); `ratio` is the price over that without a filter. */
const bencherMeasures = ({ name, ns, ratio }: CallSeries): readonly [string, object] => [
  name,
  {
    latency: metricOf(ns),
    ...(ratio === null
      ? {}
      : {
          ratio: metricOf({
            value: Math.exp(ratio.logRatio),
            low: Math.exp(ratio.low),
            high: Math.exp(ratio.high),
          }),
        }),
  },
];

const metricOf = (located: Located): object => ({
  value: located.value,
  ...(isBounded(located) ? { lower_value: located.low, upper_value: located.high } : {}),
});
