import { BenchError } from '../errors.js';
import type { Analysis, ControlCheck } from '../model/analysis.js';
import { isTimed } from '../model/judgement.js';
import type { RunResult } from '../model/result.js';
import { blocksOf } from '../model/scenario.js';
import { analyseCalls } from './calls.js';
import { comparisonWarnings, controlWarnings } from './comparison-warnings.js';
import { compareMetric, type Judging } from './compare.js';
import { countFailures } from './counts.js';
import { estimateEffect } from './estimate.js';
import { compareExactly } from './exact.js';
import { judgeTogether } from './family.js';
import { survivalOf } from './failure-test.js';
import { diagnosticsOf } from './findings.js';
import { ledgerOf, ledgerWarnings } from './ledger.js';
import { metricsOf, paired, type MetricLogs } from './metrics.js';
import { couldHaveSeen, resolutionOf } from './planning.js';
import { rolesOf } from './roles.js';
import { blockWarnings, evidenceWarnings, metricWarnings } from './run-warnings.js';
import { blocksRun, spanMs } from './span.js';
import { compareStages } from './stages.js';
import { strictnessOf, type Standing } from './stopping.js';
import { stoppingOutcomes } from './stopping-outcome.js';
import { summariseArm } from './summary.js';
import { throughputOf } from './throughput.js';
import { collectTurns } from './turns.js';
import { controlState } from './verdict.js';
import { analyseWorkload } from './workload.js';

/** How the samples are to be judged. */
export interface AnalysisOptions {
  /** Effects within this share (0.01 = 1 %) count as no change. */
  readonly margin: number;
}

/** Derives everything that is claimed of a run from its samples alone; linear in their number. */
export function analyse(run: Pick<RunResult, 'plan' | 'samples' | 'evidence' | 'ledger' | 'syscalls' | 'workload'>, { margin }: AnalysisOptions): Analysis {
  if (!(Number.isFinite(margin) && margin > 0)) {
    throw new BenchError('usage', `Expected a margin above 0 %, got ${100 * margin} %`, { hint: 'Give the largest change that does not matter to you, for example 1%.' });
  }
  const judging = judgingOf(run, margin);
  const { turns, roles, standing, rules } = judging;
  const metrics = metricsOf(turns);
  const controls = metrics.flatMap((logs) => checkControl(logs, judging));
  const comparisons = judgeTogether(roles.compared.flatMap((arm) => metrics.map((logs) => compareMetric(arm, logs, controls, judging))));
  const failures = countFailures(turns.failures);
  const arms = turns.arms.map((_, arm) => summariseArm(turns, arm));
  const ledger = ledgerOf(turns, run.ledger);
  const diagnostics = metrics.filter(({ metric }) => isTimed(metric)).flatMap((logs) => diagnosticsOf(logs, comparisons, judging));
  const resolution = comparisons.flatMap((comparison) => resolutionOf(comparison, turns.parallel));
  const calls = analyseCalls(run.syscalls);
  const workload = analyseWorkload({ run, turns, arms, calls });
  const outcomes = rules.length === 0 ? [] : stoppingOutcomes(rules, standing, spanMs(run.samples));
  const names = { baseline: turns.arms[roles.baseline] ?? '', control: roles.control === null ? undefined : turns.arms[roles.control] };
  return {
    blocksPlanned: turns.blocks,
    blocksComplete: turns.complete.length,
    arms,
    throughput: throughputOf(run.plan.scenario, arms, turns.complete.length),
    comparisons,
    controls,
    exact: roles.compared.flatMap((arm) => compareExactly(run.evidence, turns.arms[arm] ?? '', names.baseline)),
    ...(calls === undefined ? {} : { calls }),
    ...(workload === undefined ? {} : { workload }),
    stages: compareStages(run.plan.scenario, run.samples, run.evidence),
    diagnostics,
    resolution,
    couldHaveSeen: couldHaveSeen(resolution, turns.parallel),
    stopping: outcomes,
    failures: failures.measured,
    ledger,
    margin,
    warnings: [
      ...ledgerWarnings(ledger),
      ...blockWarnings(turns, failures),
      ...evidenceWarnings(run.evidence, names.baseline, names.control),
      ...controlWarnings(controls, turns.parallel),
      ...comparisonWarnings(comparisons, { parallel: turns.parallel, pauseMs: run.plan.scenario.pauseMs }),
      ...metrics.flatMap((logs) => metricWarnings(logs, turns.parallel)),
      ...diagnostics.filter(({ kind, clear }) => clear && kind !== 'carryOver').map(({ meaning }) => meaning),
      ...outcomes.filter(({ rule, state }) => state === 'notReached' && rule.kind !== 'budget').map(({ sentence }) => sentence),
    ],
  };
}

function judgingOf({ plan: { scenario, stopping: rules = [] }, samples, evidence }: Pick<RunResult, 'plan' | 'samples' | 'evidence'>, margin: number): Judging {
  const most = blocksOf(scenario);
  // A run that its rule may end is as long as it was.
  const turns = collectTurns(scenario, samples, rules.length === 0 ? most : blocksRun(samples, most));
  const roles = rolesOf(scenario);
  const standing: Standing = { turns, roles, blocks: turns.blocks, most, margin };
  return {
    turns, roles, rules, standing, strictness: strictnessOf(rules, standing),
    treatments: { arms: scenario.arms, evidence }, survivals: turns.arms.map((_, arm) => survivalOf(turns, arm)),
  };
}

function checkControl(logs: MetricLogs, { roles, standing: { margin } }: Judging): ControlCheck[] {
  if (roles.control === null) return [];
  const estimate = estimateEffect(paired(logs, roles.control, roles.baseline, null), { margin });
  return [{ metric: logs.metric, estimate, state: controlState(estimate) }];
}

