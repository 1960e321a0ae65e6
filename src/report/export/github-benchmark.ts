import type { AnalysedRun, Metric } from '../../model/analysis/analysis.js';
import type { Description } from '../../model/analysis/description.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import { countedThing } from '../../model/run/scenario.js';
import { counted } from '../text/format.js';
import { metricWords } from '../words/names.js';
import { engineWords, VERDICT_WORDS } from '../words/run.js';
import { ratiosOf } from './ratios.js';
import type { Ratio } from './ratios.js';
import { seriesOf } from './series.js';
import type { Series } from './series.js';

const MILLISECOND = 1e6;

/** One chart and one alert of the action. */
interface Entry {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly range?: string;
  readonly extra: string;
}

/**
 * The JSON array of github-action-benchmark's tool `customSmallerIsBetter`: per arm the medians of wall and CPU time,
 * per compared arm its ratios to the baseline. Described in the README of
 * github.com/benchmark-action/github-action-benchmark (name, unit and value required; range and extra text).
 */
export function renderGithubBenchmark(runs: readonly AnalysedRun[]): string {
  return `${JSON.stringify(seriesOf(runs).flatMap(entriesOf), null, 2)}\n`;
}

function entriesOf(series: Series): readonly Entry[] {
  const {
    summary: { wall, cpu },
  } = series;
  return [
    ...(wall === null ? [] : [medianEntry(series, 'wall', wall)]),
    ...(cpu === null ? [] : [medianEntry(series, 'cpu', cpu)]),
    ...ratiosOf(series).map((ratio) => ratioEntry(series, ratio)),
  ];
}

function medianEntry(series: Series, metric: Metric, { median, p25, p75 }: Description): Entry {
  return {
    name: `${series.name}: ${wordsOf(series, metric)}`,
    unit: 'ms',
    value: median / MILLISECOND,
    range: `quartiles ${short(p25 / MILLISECOND)} to ${short(p75 / MILLISECOND)}`,
    extra: extraOf(series),
  };
}

/**
 * Percent of the baseline, not percent of change: the action divides by the value before, and a change may be 0 or
 * below.
 */
function ratioEntry(series: Series, { metric, baseline, ratio, low, high, verdict }: Ratio): Entry {
  return {
    name: `${series.name}: ${wordsOf(series, metric)} against ${baseline}`,
    unit: `% of ${baseline}`,
    value: 100 * ratio,
    ...(low === null || high === null ? {} : { range: `95 % interval ${short(100 * low)} to ${short(100 * high)}` }),
    extra: `verdict: ${VERDICT_WORDS[verdict]}\n${extraOf(series)}`,
  };
}

const wordsOf = ({ analysed }: Series, metric: Metric): string => metricWords(metric, analysed.run.plan.scenario.kind);

function extraOf({
  runs,
  summary,
  analysed: {
    run: { name, host, plan },
  },
}: Series): string {
  const made =
    plan.scenario.kind === 'sequential'
      ? counted(runs.length, countedThing(plan.scenario))
      : counted(runs.length, 'batch', 'batches');
  return [
    `${made}, ${counted(summary.failed, `failed ${countedThing(plan.scenario)}`)}`,
    `${engineWords(plan.engine)}, kernel ${host.kernel}, \
${host.cpuModel}${emulationOfHost(host) === null ? '' : EMULATED}`,
    `run ${name}, seed ${plan.seed}`,
  ].join('\n');
}

const EMULATED = ', emulated: its times are meaningless';

/** Six digits are enough next to an exact value. */
const short = (value: number): string => String(Number(value.toPrecision(6)));
