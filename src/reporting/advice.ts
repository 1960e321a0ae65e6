import type {
  Advice,
  AdviceForeknown,
  AdviceOption,
  CallEffect,
  OptionResult,
  PricedActionUse,
} from '../model/analysis/advice.js';
import type { AnalysedRun, Estimate, Metric } from '../model/analysis/analysis.js';
import type { CallPrice, PercallAnalysis } from '../model/analysis/percall-analysis.js';
import type { AdvisedOption, AdviceRecord } from '../model/results/advice-record.js';
import type { ArmEvidence } from '../model/run/evidence.js';
import {
  actionWarnings,
  cacheOf,
  notesWithSentences,
  paddingWords,
  percallWarningsOf,
  refusedWords,
  SECURITY,
  warningsOf,
} from '../report/index.js';
import type { PriceSource } from '../report/index.js';

const NOTHING_FOREKNOWN: AdviceForeknown = { unpriced: [], needed: null, logs: false, edit: null };

/** Both results folders of `bench advise`, analysed. */
export interface AdviceResults {
  /** Path of the results folder of the starts, as it is shown. */
  readonly folder: string;
  readonly starts: AnalysedRun;
  /** The same of the calls. */
  readonly callsFolder: string | null;
  /** `null`: no call could be priced. */
  readonly calls: PercallAnalysis | null;
  /** The prices of actions, and their folder as it is shown; `null`: none were measured. */
  readonly actions: { readonly folder: string; readonly analysis: PercallAnalysis } | null;
}

/** What every option changes at a start and per call. */
export function adviceOf(record: AdviceRecord, { folder, starts, callsFolder, calls, actions }: AdviceResults): Advice {
  const uses = pricedUses(record, actions?.analysis ?? null);
  const { profile, options, counts } = record;
  return {
    profile,
    engine: starts.run.plan.engine.name,
    cache: cacheOf(starts, record.baseline),
    blocks: {
      starts: starts.analysis.blocksComplete,
      calls: calls?.blocks ?? 0,
    },
    options: options.map((option) => resultOf(option, record, starts, calls)),
    results: { starts: folder, calls: callsFolder, ...(actions === null ? {} : { actions: actions.folder }) },
    ...(uses.length === 0 ? {} : { actions: uses }),
    foreknown: record.foreknown ?? NOTHING_FOREKNOWN,
    counts: counts === null ? null : { from: counts.from, first: counts.first, cached: counts.cached },
    notes: notesWithSentences(starts.run.evidence.find(({ arm }) => arm === record.baseline)?.notes ?? []),
    warnings: [
      ...new Set([
        ...(counts?.warnings ?? []),
        ...actionWarnings(uses, sourceOf(actions)),
        ...warningsOf(starts).map((warning) => `Starts: ${warning}`),
        ...(calls === null ? [] : percallWarningsOf(calls).map((warning) => `Calls: ${warning}`)),
        ...(actions === null ? [] : percallWarningsOf(actions.analysis).map((warning) => `Actions: ${warning}`)),
      ]),
    ],
  };
}

/** In how many blocks of which engine actions were priced; `null`: in none. */
function sourceOf(actions: AdviceResults['actions']): PriceSource | null {
  const { actions: priced, run } = actions?.analysis ?? {};
  return priced === undefined || run === undefined ? null : { blocks: priced.blocks, engine: run.plan.engine.name };
}

/** What each action of the profile costs here, or why that is not known. */
function pricedUses({ foreknown }: AdviceRecord, analysis: PercallAnalysis | null): readonly PricedActionUse[] {
  return (foreknown?.actions ?? []).map((use) => {
    const found = analysis?.actions;
    const price = found?.prices.find(({ name }) => name === use.action);
    const leftOut = found?.plan.leftOut.find(({ answer }) => answer === use.action);
    if (price !== undefined && Number.isFinite(price.added.value)) {
      const { value: ns, low, high } = price.added;
      const bounded = Number.isFinite(low) && Number.isFinite(high);
      return { ...use, added: { ns, low: bounded ? low : null, high: bounded ? high : null }, reason: null };
    }
    const reason = leftOut === undefined ? 'the run ended before it was' : refusedWords(leftOut);
    return { ...use, added: null, reason };
  });
}

/** Why an option brings nothing: the runtime builds trees or keeps compiled filters already; else the given reason. */
function whyNotMeasured(
  option: AdviceOption,
  reason: string,
  { baseline }: Pick<AdviceRecord, 'baseline'>,
  { run, analysis }: AnalysedRun,
): string {
  if (option === 'prebuilt' && cacheOf({ run, analysis }, baseline) === 'warm') return keptWords(run.plan.engine.name);
  const predicted = run.evidence.find(({ arm }) => arm === baseline)?.predicted;
  if (option !== 'tree' || predicted?.state !== 'built' || predicted.form !== 'tree') return reason;
  const seen = `${predicted.runtime ?? 'the runtime'} builds a binary tree already`;
  // What was known before may say more: from how many calls on.
  return reason.startsWith(seen) ? reason : seen;
}

function resultOf(
  one: AdvisedOption,
  { baseline, options }: Pick<AdviceRecord, 'baseline' | 'options'>,
  { run, analysis }: AnalysedRun,
  calls: PercallAnalysis | null,
): OptionResult {
  const { option } = one;
  if (!('arm' in one))
    return {
      state: 'notMeasured',
      option,
      reason: whyNotMeasured(option, one.reason, { baseline }, { run, analysis }),
      security: SECURITY[option],
    };
  const { arm, against: reference = baseline } = one;
  const against = options.find((other) => 'arm' in other && other.arm === one.against)?.option;
  // Keeping only the host's is measured in reverse: its arm keeps them all, as the baseline does not.
  const turned = option === 'hostOnly';
  const change = (metric: Metric): Estimate | null =>
    turn(
      analysis.comparisons.find((comparison) => comparison.arm === arm && comparison.metric === metric)?.estimate ??
        null,
      turned,
    );
  const pair = <Value>(of: (name: string) => Value): readonly [Value, Value] =>
    turned ? [of(arm), of(reference)] : [of(reference), of(arm)];
  const instructions = (name: string): number | null => {
    const loaded = run.evidence.find((evidence) => evidence.arm === name)?.loaded;
    return loaded?.state === 'seen' ? loaded.programs.reduce((sum, program) => sum + program.instructions, 0) : null;
  };
  const median =
    (metric: 'cpu' | 'wall') =>
    (name: string): number | null =>
      analysis.arms.find((summary) => summary.arm === name)?.[metric]?.median ?? null;
  return {
    state: 'measured',
    option,
    ...(against === undefined ? {} : { against }),
    cpu: change('cpu'),
    wall: change('wall'),
    startNs: { cpu: pair(median('cpu')), wall: pair(median('wall')) },
    instructions: pair(instructions),
    calls: calls === null ? [] : callsOf({ arm, baseline, turned }, calls),
    security: [
      SECURITY[option],
      ...(one.checked === undefined ? [] : [`Checked: ${one.checked}.`]),
      ...paddingOf(run.evidence.find((evidence) => evidence.arm === arm)),
    ].join(' '),
  };
}

/** How a runtime was brought to build the tree that was measured, which is also how to have it. */
function paddingOf(evidence: ArmEvidence | undefined): readonly string[] {
  if (evidence?.filterGiven?.kind !== 'padding') return [];
  const runtime = evidence.predicted.state === 'built' ? evidence.predicted.runtime : undefined;
  return [paddingWords('The measured spec', evidence.filterGiven, runtime)];
}

/** The runtime does by itself what the option would do. */
const keptWords = (engine: string): string =>
  `${engine} keeps the filters that it compiles, and all of these starts found theirs, so there is nothing to gain`;

function callsOf(
  { arm, baseline, turned }: { readonly arm: string; readonly baseline: string; readonly turned: boolean },
  { prices }: PercallAnalysis,
): readonly CallEffect[] {
  return prices
    .filter((price) => price.arm === arm)
    .map((price) => {
      const own = prices.find((other) => other.arm === baseline && other.call === price.call) ?? price;
      return {
        call: price.call,
        kind: kindOf(own),
        ns: own.ns.value,
        change: turn(price.ratio, turned),
      };
    });
}

function kindOf({ cached, errno, action }: CallPrice): CallEffect['kind'] {
  if (cached) return 'cached';
  if (errno !== null) return 'denied';
  return action === 'LOG' ? 'logged' : 'filtered';
}

function turn(estimate: Estimate | null, turned: boolean): Estimate | null {
  if (estimate === null || !turned) return estimate;
  return {
    ...estimate,
    logRatio: -estimate.logRatio,
    low: -estimate.high,
    high: -estimate.low,
    meanLogRatio: -estimate.meanLogRatio,
  };
}
