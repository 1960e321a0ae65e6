import { BenchError } from '../errors.js';
import type { Analysis, Comparison, ControlCheck } from '../model/analysis.js';
import type { RunResult } from '../model/result.js';
import { baselineOf, controlOf } from '../model/scenario.js';
import { comparisonWarnings, controlWarnings } from './comparison-warnings.js';
import { countFailures } from './counts.js';
import { estimateEffect } from './estimate.js';
import { metricsOf, paired, type MetricLogs } from './metrics.js';
import { blockWarnings, evidenceWarnings, seriesWarnings } from './run-warnings.js';
import { summariseArm } from './summary.js';
import { collectTurns, type Turns } from './turns.js';
import { controlState, decide } from './verdict.js';
import { because } from './wording.js';

/** How the samples are to be judged. */
export interface AnalysisOptions {
  /** Effects within this share (0.01 = 1 %) count as no change. */
  readonly margin: number;
}

/** Places of the arms that have a role, in the plan's order. */
interface Roles {
  readonly baseline: number;
  readonly control: number | null;
}

interface Judging extends AnalysisOptions {
  readonly turns: Turns;
  readonly roles: Roles;
  readonly parallel: boolean;
}

/** Derives everything that is claimed of a run from its samples alone; linear in their number but for sorting. */
export function analyse(run: Pick<RunResult, 'plan' | 'samples' | 'evidence'>, { margin }: AnalysisOptions): Analysis {
  if (!(Number.isFinite(margin) && margin > 0)) {
    throw new BenchError('usage', `Expected a margin above 0 %, got ${100 * margin} %`, { hint: 'Give the largest change that does not matter to you, for example 1%.' });
  }
  const { scenario } = run.plan;
  const turns = collectTurns(scenario, run.samples);
  const parallel = scenario.kind === 'parallel';
  const roles = rolesOf(run.plan);
  const judging: Judging = { margin, turns, roles, parallel };
  const metrics = metricsOf(turns, parallel);
  const controls = metrics.flatMap((logs) => checkControl(logs, judging));
  const comparisons = turns.arms.flatMap((_, arm) =>
    metrics.flatMap((logs) => compare(arm, logs, controls, judging)));
  const failures = countFailures(run.samples, false);
  return {
    blocksPlanned: turns.blocks,
    blocksComplete: turns.complete.length,
    arms: turns.arms.map((_, arm) => summariseArm(turns, arm, parallel)),
    comparisons,
    controls,
    failures,
    margin,
    warnings: [
      ...blockWarnings(turns, failures, countFailures(run.samples, true)),
      ...evidenceWarnings(run.evidence, baselineOf(scenario.arms), controlOf(scenario.arms)),
      ...controlWarnings(controls, parallel),
      ...comparisonWarnings(comparisons, { parallel, pauseMs: scenario.pauseMs }),
      ...metrics.flatMap((logs) => seriesWarnings(turns, logs, roles.baseline, parallel)),
    ],
  };
}

function rolesOf({ scenario: { arms } }: RunResult['plan']): Roles {
  const names = arms.map((arm) => arm.name);
  const control = controlOf(arms);
  return { baseline: names.indexOf(baselineOf(arms)), control: control === undefined ? null : names.indexOf(control) };
}

function checkControl(logs: MetricLogs, { roles, margin }: Judging): ControlCheck[] {
  if (roles.control === null) return [];
  const estimate = estimateEffect(paired(logs, roles.control, roles.baseline, null), margin);
  return [{ metric: logs.metric, estimate, state: controlState(estimate) }];
}

function compare(arm: number, logs: MetricLogs, controls: readonly ControlCheck[], judging: Judging): Comparison[] {
  const { turns, roles, margin, parallel } = judging;
  if (arm === roles.baseline || arm === roles.control) return [];
  const check = controls.find(({ metric }) => metric === logs.metric);
  const estimate = estimateEffect(paired(logs, arm, roles.baseline, roles.control), margin);
  const comparison = {
    arm: turns.arms[arm] ?? '',
    baseline: turns.arms[roles.baseline] ?? '',
    control: roles.control === null ? null : (turns.arms[roles.control] ?? null),
    metric: logs.metric,
    estimate,
    verdict: decide(estimate, check?.state ?? 'unknown'),
  };
  return [{ ...comparison, because: because(comparison, { parallel, margin, check, blocksComplete: turns.complete.length }) }];
}
