import type { AnalysedRun, Comparison } from '../../model/analysis/analysis.js';
import type { PercallAnalysis } from '../../model/analysis/percall-analysis.js';
import type { Io } from '../../model/io.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import {
  estimateText,
  formatPercent,
  metricWords,
  tellingOf,
  VERDICT_LABELS,
  verdictSentence,
} from '../../report/index.js';
import type { Analysed } from '../../reporting/index.js';
import { gate, gatePrices } from '../../statistics/index.js';
import type { GateOutcome, JudgedPrice } from '../../statistics/index.js';
import type { GateSettings } from './plan.js';

/** What came of the gate of a CI job. */
export interface Gate {
  /** `notAsked`: neither a limit nor `strict` was given; `undecided`: by `strict`. */
  readonly state: 'notAsked' | 'passed' | 'failed' | 'notEvaluated' | 'undecided';
  /** 3: slower beyond the limit; 4: not evaluated, or undecided under `strict`; else 0. */
  readonly exitCode: 0 | 3 | 4;
  /** Why, one line each. */
  readonly lines: readonly string[];
}

/** Tells the job why it fails, or what its gate does not know, and gives its exit code. */
export function tellGate(analysed: Analysed, settings: GateSettings, io: Io): Gate {
  const outcome = gateOf(analysed, settings);
  if (settings.strict && hostsOf(analysed).some((host) => emulationOfHost(host) !== null))
    io.err('not judged: times taken under emulation mean nothing\n');
  if (outcome.state !== 'passed') for (const line of outcome.lines) io.err(`${line}\n`);
  return outcome;
}

/** The outcome for finished results. Advice and the memory of a filter have no gate. */
export function gateOf(analysed: Analysed, settings: GateSettings): Gate {
  if (
    (settings.failIfSlower === null && !settings.strict) ||
    analysed.kind === 'advice' ||
    analysed.kind === 'capacity'
  )
    return { state: 'notAsked', exitCode: 0, lines: [] };
  switch (analysed.kind) {
    case 'starts': {
      const { runs } = analysed;
      const { state, comparisons } = gate(
        runs.map(({ analysis }) => analysis),
        settings,
      );
      const told = comparisons.map((comparison) => toldComparison(comparison, runs, settings));
      return concluded(state, told, settings);
    }
    case 'calls': {
      const { state, prices } = gatePrices(analysed.analysis, settings);
      return concluded(state, prices.map(toldPrice(analysed.analysis)), settings);
    }
  }
}

/** What a gate looked at, in words. */
interface Told {
  /** `CPU time of after`. */
  readonly what: string;
  /** What is compared with what, and in which time. */
  readonly arm: string;
  readonly baseline: string;
  readonly time: string;
  readonly change: string;
  readonly because: string;
}

function toldComparison(
  comparison: Comparison,
  runs: readonly AnalysedRun[],
  { failIfSlower }: Pick<GateSettings, 'failIfSlower'>,
): Told {
  const own = runs.find(({ analysis }) => analysis.comparisons.includes(comparison));
  if (own === undefined) throw new RangeError('a gate tells of comparisons that it was given');
  const telling = tellingOf(own);
  const { arm, baseline, metric } = comparison;
  const time = metricWords(metric, telling.kind);
  const because = byFamily(comparison) ?? verdictSentence(comparison, telling);
  return {
    what: `${time} of ${arm}`,
    arm,
    baseline,
    time,
    change: estimateText(comparison.estimate),
    because: because + widerMargin(comparison, telling.margin, failIfSlower),
  };
}

/** Where a row alone says more than all rows of the report together do. */
function byFamily({ verdict, family, estimate }: Comparison): string | undefined {
  if (family?.verdict !== 'inconclusive' || verdict === 'inconclusive') return undefined;
  return `${estimateText(estimate)} is ${verdict} by itself, but may be chance among the ${family.rows} tests of this \
report (Holm). Run more blocks (\`--blocks\`).`;
}

/** What helps where the margin asks for more than the limit does. */
function widerMargin({ verdict, estimate }: Comparison, margin: number, limit: number | null): string {
  if (verdict !== 'inconclusive' || estimate === null || limit === null || limit <= margin || limit >= 1) return '';
  const widest = Math.log1p(limit);
  return estimate.high < widest && estimate.low > -widest
    ? ` With \`--margin ${formatPercent(limit, 12).replace(' ', '')}\` the change counts as none.`
    : '';
}

const toldPrice =
  ({ prices }: PercallAnalysis) =>
  ({ price: { arm, call }, estimate, verdict }: JudgedPrice): Told => {
    const baseline = prices.find(({ ratio }) => ratio === null)?.arm ?? 'no filter';
    const change = estimateText(estimate);
    const label = VERDICT_LABELS[verdict].toLowerCase();
    return {
      what: `time per call of ${call} under ${arm}`,
      arm: `${call} under ${arm}`,
      baseline: `under ${baseline}`,
      time: 'time per call',
      change,
      because: `${change} against ${baseline} (${label})`,
    };
  };

function concluded(state: GateOutcome['state'], told: readonly Told[], settings: GateSettings): Gate {
  const limit = limitWords(settings.failIfSlower);
  switch (state) {
    case 'slower':
      return {
        state: 'failed',
        exitCode: 3,
        lines: told.map(
          ({ arm, baseline, time, change }) =>
            `gate failed: ${arm} is slower than ${baseline} by more than ${limit} in ${time}: ${change}`,
        ),
      };
    case 'unevaluated': {
      const lines = told.map(({ what, because }) => `gate not evaluated: ${what}: ${because}`);
      return {
        state: 'notEvaluated',
        exitCode: settings.allowUndecided ? 0 : 4,
        lines: lines.length > 0 ? lines : ['gate not evaluated: these results compare nothing'],
      };
    }
    case 'unresolved':
      return {
        state: 'undecided',
        exitCode: 4,
        lines: told.map(({ what, because }) => `fails under --strict: ${what}: ${because}`),
      };
    case 'passed':
      return {
        state: 'passed',
        exitCode: 0,
        lines: told.map(({ what, arm, baseline, time, change }) =>
          settings.failIfSlower === null
            ? `gate passed: ${what} is decided: ${change}`
            : `gate passed: ${arm} is not shown to be slower than ${baseline} by more than ${limit} in ${time}: \
${change}`,
        ),
      };
  }
}

/** `2 %`; all digits that were typed. */
const limitWords = (share: number | null): string => formatPercent(share ?? 0, 12);

function hostsOf(analysed: Analysed): readonly AnalysedRun['run']['host'][] {
  switch (analysed.kind) {
    case 'starts':
      return analysed.runs.map(({ run }) => run.host);
    case 'calls':
      return [analysed.analysis.run.host];
    case 'capacity':
      return [analysed.run.host];
    case 'advice':
      return [analysed.starts.run.host];
  }
}
