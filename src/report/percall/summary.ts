import type { Estimate } from '../../model/analysis/analysis.js';
import type {
  ActionAnalysis,
  ActionPrice,
  PercallAnalysis,
  PercallFailure,
  PercallFinding,
} from '../../model/analysis/percall-analysis.js';
import type { EngineFacts } from '../../model/container/container.js';
import type { ActionPlan } from '../../model/results/percall/action-price.js';
import type { PricedCall } from '../../model/results/percall/caller-report.js';
import type { Located, SimulatedCall } from '../../model/results/percall/percall.js';
import type { HostFingerprint } from '../../model/results/result.js';
import type { ArmEvidence } from '../../model/run/evidence.js';
import { actionSentences } from './actions.js';
import { findingSentence, noFitWords, percallWarningsOf } from '../words/cost/percall.js';
import { PUBLISHED_CALL_PRICES, PUBLISHED_CALLS_NOTE } from '../calls/published-calls.js';
import type { PublishedCallPrices } from '../calls/published-calls.js';

/** Version of this summary's shape. */
const PERCALL_SUMMARY_VERSION = 1;

/** A value with its 95 % interval; `null` where too few blocks give none. */
export interface BoundedValue {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** A ratio (1.02 = 2 % more) with its 95 % interval; bounds `null` where too few blocks give none. */
export interface RatioEffect {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Whether it is within the margin: 90 % interval inside of it. */
  readonly equivalent: boolean;
}

/** What a call costs under an arm. */
export interface PriceSummary extends SimulatedCall {
  /** Nanoseconds per call. */
  readonly ns: BoundedValue;
  /** The call without a filter that it is compared with. */
  readonly reference: string;
  /** Nanoseconds more than the reference; of the baseline itself 0. */
  readonly addedNs: BoundedValue;
  /** Against the reference; `null` of the baseline. */
  readonly ratio: RatioEffect | null;
}

/** The control against the baseline, for one call. */
export interface ControlSummary extends RatioEffect {
  readonly call: string;
  readonly state: PercallAnalysis['controls'][number]['state'];
  readonly p: number;
}

/** The straight line through what calls that run a filter cost more. */
export interface FitSummary {
  /** Points: arms times calls that ran a filter. */
  readonly points: number;
  readonly nsPerInstruction: BoundedValue;
  readonly entryNs: BoundedValue;
}

/** What one answer costs. */
export interface ActionPriceSummary extends Omit<ActionPrice, 'ns' | 'added'> {
  /** Nanoseconds of real time per call. */
  readonly ns: BoundedValue;
  /** Nanoseconds more than under the same filter that allows the call. */
  readonly addedNs: BoundedValue;
}

/** What a listener, a log line and a tracer cost. */
export interface ActionFigures {
  /** Complete ones. */
  readonly blocks: number;
  readonly plan: ActionPlan;
  readonly prices: readonly ActionPriceSummary[];
  readonly control: (RatioEffect & { readonly state: ControlSummary['state']; readonly p: number }) | null;
  readonly failures: readonly PercallFailure[];
  readonly sentences: readonly string[];
}

/** All figures of a run that prices calls. */
export interface PercallFigures {
  /** Name of the results folder. */
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly command: readonly string[];
  readonly seed: number;
  readonly engine: EngineFacts;
  /** Complete ones. */
  readonly blocks: number;
  readonly blocksPlanned: number;
  /** Loops over every call within one container. */
  readonly rounds: number;
  /** Calls in one loop. */
  readonly loops: number;
  /** A share: 0.01 = 1 %. */
  readonly margin: number;
  readonly containersFailed: number;
  readonly failures: readonly PercallFailure[];
  readonly calls: readonly PricedCall[];
  readonly prices: readonly PriceSummary[];
  readonly controls: readonly ControlSummary[];
  /** `null` where there is no line; then `noFit` has the reason. */
  readonly fit: FitSummary | null;
  readonly noFit: string | null;
  /** Arms whose filter was not the one that was simulated: they are in no line, chart or finding. */
  readonly doubted: readonly string[];
  readonly findings: readonly (PercallFinding & { readonly sentence: string })[];
  /** Absent: no action was priced. */
  readonly actions?: ActionFigures;
  readonly warnings: readonly string[];
  /** Prices that others published, for comparison. */
  readonly published: { readonly note: string; readonly getpid: readonly PublishedCallPrices[] };
  readonly evidence: readonly ArmEvidence[];
  readonly host: HostFingerprint;
}

/** summary.json of a run that prices calls. */
export interface PercallSummary extends PercallFigures {
  readonly summaryVersion: typeof PERCALL_SUMMARY_VERSION;
  readonly kind: 'percall';
}

export const percallSummary = (analysis: PercallAnalysis): PercallSummary => ({
  summaryVersion: PERCALL_SUMMARY_VERSION,
  kind: 'percall',
  ...percallFigures(analysis),
});

/** The same without what only a file needs. */
export function percallFigures(analysis: PercallAnalysis): PercallFigures {
  const {
    run: { name, plan, host, evidence },
    margin,
    blocks,
    failed,
    failures,
    controls,
    prices,
    fit,
    noFit,
    doubted,
    findings,
  } = analysis;
  return {
    name,
    startedAt: plan.startedAt,
    command: plan.command,
    seed: plan.seed,
    engine: plan.engine,
    blocks,
    blocksPlanned: plan.blocks,
    rounds: plan.rounds,
    loops: plan.loops,
    margin,
    containersFailed: failed,
    failures,
    calls: plan.calls,
    prices: prices.map(({ ns, added, ratio, ...simulated }) => ({
      ...simulated,
      ns: bounded(ns),
      addedNs: bounded(added),
      ratio: ratio === null ? null : effect(ratio),
    })),
    controls: controls.map(({ call, estimate, state }) => ({ call, state, p: estimate.p, ...effect(estimate) })),
    fit:
      fit === null
        ? null
        : { points: fit.points, nsPerInstruction: bounded(fit.nsPerInstruction), entryNs: bounded(fit.entryNs) },
    noFit: noFitWords(noFit),
    doubted,
    findings: findings.map((finding) => ({ ...finding, sentence: findingSentence(finding) })),
    ...(analysis.actions === undefined ? {} : { actions: actionFigures(analysis.actions, host.kernel) }),
    warnings: percallWarningsOf(analysis),
    published: { note: PUBLISHED_CALLS_NOTE, getpid: PUBLISHED_CALL_PRICES },
    evidence,
    host,
  };
}

const actionFigures = (analysis: ActionAnalysis, kernel: string): ActionFigures => ({
  blocks: analysis.blocks,
  plan: analysis.plan,
  prices: analysis.prices.map(({ ns, added, ...price }) => ({ ...price, ns: bounded(ns), addedNs: bounded(added) })),
  control:
    analysis.control === null
      ? null
      : {
          ...effect(analysis.control.estimate),
          state: analysis.control.state,
          p: analysis.control.estimate.p,
        },
  failures: analysis.failures,
  sentences: actionSentences(analysis, kernel),
});

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
const bounded = ({ value, low, high }: Located): BoundedValue => ({
  value: finite(value),
  low: finite(low),
  high: finite(high),
});
const effect = ({ logRatio, low, high, equivalent }: Estimate): RatioEffect => ({
  value: Math.exp(logRatio),
  low: Number.isFinite(low) ? Math.exp(low) : null,
  high: Number.isFinite(high) ? Math.exp(high) : null,
  equivalent,
});
