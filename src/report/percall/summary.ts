import type { Estimate } from '../../model/analysis/analysis.js';
import type { PercallAnalysis } from '../../model/analysis/percall-analysis.js';
import type { Located } from '../../model/results/percall.js';
import { findingSentence, noFitWords, percallWarningsOf } from '../words/percall.js';
import { PUBLISHED_CALL_PRICES, PUBLISHED_CALLS_NOTE } from '../calls/published-calls.js';

/** Version of this summary's shape. */
const PERCALL_SUMMARY_VERSION = 1;

/** summary.json of a run that prices calls: numbers for a program, bounds `null` where no 95 % interval exists. */
export function percallSummary(analysis: PercallAnalysis): object {
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
    summaryVersion: PERCALL_SUMMARY_VERSION,
    kind: 'percall',
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
    warnings: percallWarningsOf(analysis),
    published: { note: PUBLISHED_CALLS_NOTE, getpid: PUBLISHED_CALL_PRICES },
    evidence,
    host,
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
const bounded = ({ value, low, high }: Located): object => ({
  value: finite(value),
  low: finite(low),
  high: finite(high),
});
const effect = ({ logRatio, low, high, equivalent }: Estimate): object => ({
  value: Math.exp(logRatio),
  low: Number.isFinite(low) ? Math.exp(low) : null,
  high: Number.isFinite(high) ? Math.exp(high) : null,
  equivalent,
});
