import type { AnalysedRun, Comparison } from '../../model/analysis/analysis.js';
import type { PercallAnalysis } from '../../model/analysis/percall-analysis.js';
import type { Io } from '../../model/io.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import { estimateText, tellingOf, verdictSentence } from '../../report/index.js';
import type { Analysed } from '../../reporting/index.js';
import { gate, gatePrices } from '../../statistics/index.js';
import type { JudgedPrice } from '../../statistics/index.js';
import type { GateSettings } from './plan.js';

export interface Gate {
  /** 3: slower beyond the limit; 4: undecided under `strict`; else 0. */
  readonly exitCode: 0 | 3 | 4;
  /** Why, one line each. */
  readonly lines: readonly string[];
}

/** Tells the job why it fails, if it does, and gives its exit code. */
export function tellGate(analysed: Analysed, settings: GateSettings, io: Io): Gate['exitCode'] {
  const { exitCode, lines } = gateOf(analysed, settings);
  const asked = settings.failIfSlower !== null || settings.strict;
  if (asked && hostsOf(analysed).some((host) => emulationOfHost(host) !== null))
    io.err('not judged: times taken under emulation mean nothing\n');
  for (const line of lines) io.err(`${line}\n`);
  return exitCode;
}

/** The outcome for finished results: 3 or 4 with the comparisons that decided it. */
export function gateOf(analysed: Analysed, settings: GateSettings): Gate {
  switch (analysed.kind) {
    case 'starts':
      return gateRuns(analysed.runs, settings);
    case 'calls':
      return gateCalls(analysed.analysis, settings);
    case 'advice':
      return { exitCode: 0, lines: [] };
  }
}

function gateRuns(runs: readonly AnalysedRun[], settings: GateSettings): Gate {
  const outcome = gate(
    runs.map(({ analysis }) => analysis),
    settings,
  );
  if (outcome.state === 'passed') return { exitCode: 0, lines: [] };
  return failing(
    outcome.state,
    settings,
    outcome.comparisons.map((comparison) => because(comparison, runs)),
  );
}

/** Why the comparison has its verdict, in the words of its run. */
function because(comparison: Comparison, runs: readonly AnalysedRun[]): string {
  const own = runs.find(({ analysis }) => analysis.comparisons.includes(comparison));
  return own === undefined ? '' : verdictSentence(comparison, tellingOf(own));
}

function gateCalls(analysis: PercallAnalysis, settings: GateSettings): Gate {
  const outcome = gatePrices(analysis, settings);
  if (outcome.state === 'passed') return { exitCode: 0, lines: [] };
  const baseline = analysis.prices.find(({ ratio }) => ratio === null)?.arm ?? 'no filter';
  return failing(
    outcome.state,
    settings,
    outcome.prices.map((judged) => priceWords(judged, baseline)),
  );
}

/** `getpid under docker takes +61.2 % [+59.8, +62.7] against unconfined (slower)` */
const priceWords = ({ price: { arm, call }, estimate, verdict }: JudgedPrice, baseline: string): string =>
  `${call} under ${arm}: ${estimateText(estimate)} against ${baseline} (${verdict})`;

function failing(state: 'slower' | 'unresolved', { failIfSlower }: GateSettings, reasons: readonly string[]): Gate {
  return state === 'slower'
    ? { exitCode: 3, lines: reasons.map((why) => `fails, slower by more than ${limitWords(failIfSlower)}: ${why}`) }
    : { exitCode: 4, lines: reasons.map((why) => `fails under --strict: ${why}`) };
}

/** `2%`, as it is typed. */
const limitWords = (share: number | null): string => `${String(Number((100 * (share ?? 0)).toPrecision(12)))}%`;

function hostsOf(analysed: Analysed): readonly AnalysedRun['run']['host'][] {
  switch (analysed.kind) {
    case 'starts':
      return analysed.runs.map(({ run }) => run.host);
    case 'calls':
      return [analysed.analysis.run.host];
    case 'advice':
      return [analysed.starts.run.host];
  }
}
