import type { AnalysedRun, Comparison } from '../model/analysis/analysis.js';
import { HISTORY_FORMAT_VERSION } from '../model/results/history.js';
import type { HistoryCommit, HistoryEffect, HistoryEntry } from '../model/results/history.js';
import { machineOf } from '../model/results/result.js';
import { unitOf } from '../model/run/scenario.js';
import type { Scenario } from '../model/run/scenario.js';
import { fingerprintOf, historyHost } from './fingerprint.js';

/** What of an entry is not in the results. */
export interface EntryPlace {
  readonly commit: HistoryCommit | null;
  /** A URL, or a path from the folder of the history; `null`: none. */
  readonly report: string | null;
  /** Name of the scenario in the history; absent: its own. */
  readonly scenario?: string;
}

/** A run as a line of a history: ratios with their intervals, and what they are of. */
export function entryOf({ run, analysis }: AnalysedRun, { commit, report, scenario }: EntryPlace): HistoryEntry {
  const { host, plan } = run;
  const facts = historyHost(host, machineOf(run));
  return {
    formatVersion: HISTORY_FORMAT_VERSION,
    // The id alone is short enough to come twice in a long history.
    run: `${plan.startedAt}-${plan.id}`,
    name: run.name,
    startedAt: plan.startedAt,
    commit,
    scenario: scenario ?? plan.scenario.name,
    shape: shapeOf(plan.scenario),
    scenarioSha256: plan.scenarioSha256,
    engine: plan.engine.name,
    fingerprint: fingerprintOf(facts),
    host: facts,
    tools: {
      engine: plan.engine.version,
      libseccomp: host.libseccomp,
      node: host.node,
      bench: host.bench,
    },
    effects: analysis.comparisons.flatMap(effectOf),
    report,
  };
}

/** Containers in batches and containers one by one are different measurements. */
const shapeOf = (scenario: Scenario): string =>
  scenario.kind === 'sequential'
    ? unitOf(scenario) === 'exec'
      ? 'execs, one at a time'
      : 'one at a time'
    : `batches of ${scenario.count}, ${scenario.concurrency} in flight`;

function effectOf({ arm, baseline, metric, verdict, estimate }: Comparison): readonly HistoryEffect[] {
  if ((metric !== 'cpu' && metric !== 'wall') || estimate === null) return [];
  const bounded = Number.isFinite(estimate.low) && Number.isFinite(estimate.high);
  return [
    {
      arm,
      baseline,
      metric,
      verdict,
      blocks: estimate.blocks,
      ratio: Math.exp(estimate.logRatio),
      low: bounded ? Math.exp(estimate.low) : null,
      high: bounded ? Math.exp(estimate.high) : null,
    },
  ];
}
