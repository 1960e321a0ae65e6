import { invalidValue } from '../errors.js';
import type { BreakAnalysis } from '../model/analysis/break-analysis.js';
import type { Analysis, Comparison, ControlCheck, Diagnostic, RunWarning } from '../model/analysis/analysis.js';
import { emulationOfHost } from '../model/run/emulation.js';
import { isTimed } from '../model/analysis/judgement.js';
import { samplesOf, type SampleSet } from '../model/results/sample-table.js';
import type { RunResult } from '../model/results/result.js';
import { blocksOf, unitOf } from '../model/run/scenario.js';
import { analyseCalls } from './calls/calls.js';
import { comparisonWarnings, controlWarnings, loadWarnings, type Running } from './verdict/comparison-warnings.js';
import { compareMetric, type Judging } from './verdict/compare.js';
import { countFailures, type Failures } from './runs/counts.js';
import { estimateEffect } from './paired/estimate.js';
import { compareExactly } from './runs/exact.js';
import { analyseExecs } from './runs/execs.js';
import { judgeTogether } from './verdict/family.js';
import { survivalOf } from './verdict/failure-test.js';
import { diagnosticsOf } from './verdict/findings.js';
import { changedProgram, evennessWarnings } from './runs/breaks.js';
import { endWarnings, ledgerOf, ledgerWarnings } from './runs/ledger.js';
import { analyseBreaks, levelWarnings } from './runs/level-change.js';
import { metricsOf, paired, type MetricLogs } from './paired/metrics.js';
import { powerCurveOf, resolutionOf } from './planning/planning.js';
import { rolesOf } from './verdict/roles.js';
import {
  blockWarnings,
  counterWarnings,
  evidenceWarnings,
  fewBlocksWarnings,
  metricWarnings,
} from './verdict/run-warnings.js';
import { blocksRun, spanOf } from './planning/span.js';
import { addedTimes, seriesOf } from './runs/series.js';
import { compareStages } from './runs/stages.js';
import { isTimed as looksAtTheClock, stoppingOutcomes, strictnessOf, type Standing } from './planning/stopping.js';
import { summariseArm } from './runs/summary.js';
import { throughputOf } from './runs/throughput.js';
import { collectTurns, completeCount, type CollectedTurns, type Turns } from './paired/turns.js';
import { controlState } from './verdict/verdict.js';
import { analyseWorkload } from './runs/workload.js';

/** How the samples are judged. */
export interface AnalysisOptions {
  /** Effects within this share (0.01 = 1 %) count as no change. */
  readonly margin: number;
}

/** What an analysis rests on. */
export type Analysed = Pick<
  RunResult,
  'plan' | 'samples' | 'table' | 'evidence' | 'ledger' | 'unended' | 'syscalls' | 'workload' | 'breaks'
> & {
  readonly host?: Pick<RunResult['host'], 'emulation'>;
};

/**
 * Derives everything that is claimed of a run from its samples alone; linear in their number. Of an emulated run
 * nothing is claimed that rests on times. Throws `usage` for a margin that is not above 0.
 */
export function analyse(run: Analysed, { margin }: AnalysisOptions): Analysis {
  if (!(Number.isFinite(margin) && margin > 0)) throw invalidValue('margin', 'a number > 0', String(margin));
  const samples = samplesOf(run);
  const judging = judgingOf(run, samples, margin);
  const { turns, roles, standing, rules, emulation } = judging;
  const metrics = metricsFor(run, turns);
  const controls = metrics.flatMap((logs) => checkControl(logs, judging));
  const comparisons = judgeTogether(
    roles.compared.flatMap((compared) => metrics.map((logs) => compareMetric(compared, logs, controls, judging))),
  );
  const failures = countFailures(turns.failures);
  const arms = turns.arms.map((_, arm) => summariseArm(turns, arm));
  const calls = analyseCalls(run.syscalls);
  const workload = analyseWorkload({ run, turns, arms, calls });
  const breaks = emulation === null ? analyseBreaks({ turns, roles, margin, breaks: run.breaks ?? [] }, metrics) : [];
  const found = {
    comparisons,
    controls,
    diagnostics: emulation === null ? timedDiagnostics(metrics, comparisons, judging) : [],
    stopping: rules.length === 0 ? [] : stoppingOutcomes(rules, standing, spanOf(samples)),
    ledger: ledgerOf(turns, run.ledger),
  };
  return {
    ...found,
    blocksPlanned: turns.blocks,
    blocksComplete: completeCount(turns),
    ...soloBlocksOf(turns),
    arms,
    throughput: throughputOf(run.plan.scenario, arms, turns.complete.length, samples),
    exact: roles.compared.flatMap(({ arm, baseline }) =>
      compareExactly(run.evidence, turns.arms[arm] ?? '', turns.arms[baseline] ?? ''),
    ),
    ...(breaks.length === 0 ? {} : { breaks }),
    ...(calls === undefined ? {} : { calls }),
    ...(workload === undefined ? {} : { workload }),
    ...execsOf(run, judging),
    stages: emulation === null ? compareStages(run.plan.scenario, samples, run.evidence) : [],
    resolution: emulation === null ? comparisons.flatMap(resolutionOf) : [],
    power: emulation === null ? powerOf(comparisons, turns) : [],
    added: emulation === null ? addedTimes(judging) : [],
    series: emulation === null ? seriesOf({ turns, roles, samples }) : null,
    failures: failures.measured,
    margin,
    warnings: warningsOf(run, found, { judging, metrics, failures, breaks }),
  };
}

/** Nobody counts the switches and faults of a server within its load. */
const metricsFor = ({ plan }: Analysed, turns: Turns): readonly MetricLogs[] =>
  metricsOf({ ...turns, hasInstructions: turns.hasInstructions || plan.counters?.state === 'counted' }).filter(
    ({ metric }) => plan.scenario.program?.service === undefined || isTimed(metric) || metric === 'maxRss',
  );

function execsOf({ plan }: Analysed, { turns, emulation }: Judging): Pick<Analysis, 'execs'> {
  const execs = emulation === null ? analyseExecs(plan.scenario, turns) : undefined;
  return execs === undefined ? {} : { execs };
}

const soloBlocksOf = ({ duet, complete }: CollectedTurns): Pick<Analysis, 'soloBlocks'> =>
  duet === null ? {} : { soloBlocks: complete.length };

/** None with duet blocks: the blocks of a comparison are not those of the run there. */
const powerOf = (comparisons: readonly Comparison[], { duet }: CollectedTurns): Analysis['power'] =>
  duet === null ? comparisons.filter(({ metric }) => isTimed(metric)).flatMap(powerCurveOf) : [];

const timedDiagnostics = (
  metrics: readonly MetricLogs[],
  comparisons: readonly Comparison[],
  judging: Judging,
): readonly Diagnostic[] =>
  metrics.filter(({ metric }) => isTimed(metric)).flatMap((logs) => diagnosticsOf(logs, comparisons, judging));

type Found = Pick<Analysis, 'comparisons' | 'controls' | 'diagnostics' | 'stopping' | 'ledger'>;

/** What it was found from. */
interface Basis {
  readonly judging: Judging;
  readonly metrics: readonly MetricLogs[];
  readonly failures: Failures;
  readonly breaks: readonly BreakAnalysis[];
}

function warningsOf(run: Analysed, found: Found, { judging, metrics, failures, breaks }: Basis): readonly RunWarning[] {
  const { turns, emulation } = judging;
  const { scenario } = run.plan;
  const running = { parallel: turns.parallel, pauseMs: scenario.pauseMs, unit: unitOf(scenario) };
  return [
    ...(emulation === null ? [] : [{ code: 'emulated', emulation } as const]),
    ...endWarnings(run, { blocks: completeCount(turns), planned: turns.blocks }),
    ...levelWarnings(breaks),
    ...ledgerWarnings(found.ledger),
    ...evennessWarnings(run),
    ...blockWarnings(turns, failures),
    ...(emulation === null ? fewBlocksWarnings(turns) : []),
    ...counterWarnings(metrics, turns),
    ...evidenceWarnings(run.evidence, run.plan.scenario.arms),
    ...(emulation === null ? timeWarnings(found, metrics, running) : []),
    ...found.stopping
      .filter(({ rule, state }) => state === 'notReached' && !looksAtTheClock(rule))
      .map((outcome) => ({ code: 'ruleNotReached', outcome }) as const),
  ];
}

/** All that rests on times; carry-over is among the warnings only where it can be seen by the size of the effect. */
const timeWarnings = (
  { controls, comparisons, diagnostics }: Found,
  metrics: readonly MetricLogs[],
  running: Running,
): readonly RunWarning[] => [
  ...controlWarnings(controls),
  ...loadWarnings(comparisons),
  ...comparisonWarnings(comparisons, running),
  ...metrics.flatMap(metricWarnings),
  ...diagnostics
    .filter(({ kind, clear }) => clear && kind !== 'carryOver')
    .map((diagnostic) => ({ code: 'diagnostic', diagnostic }) as const),
];

function judgingOf(
  { plan: { scenario, stopping: rules = [] }, evidence, host, ledger, breaks = [] }: Analysed,
  samples: SampleSet,
  margin: number,
): Judging {
  const most = blocksOf(scenario);
  // A run that its rule may end is as long as it was.
  const turns = collectTurns(scenario, samples, rules.length === 0 ? most : blocksRun(samples, most));
  const roles = rolesOf(scenario);
  const standing: Standing = { turns, roles, blocks: turns.blocks, most, margin };
  return {
    turns,
    roles,
    rules,
    standing,
    spanMs: spanOf(samples).ms,
    strictness: strictnessOf(rules, standing),
    treatments: { arms: scenario.arms, evidence },
    survivals: turns.arms.map((_, arm) => survivalOf(turns, arm)),
    emulation: emulationOfHost(host),
    changed: changedProgram({ breaks, ...(ledger === undefined ? {} : { ledger }) }),
  };
}

function checkControl(logs: MetricLogs, { roles, standing: { margin }, emulation }: Judging): ControlCheck[] {
  if (roles.control === null) return [];
  const estimate = estimateEffect(paired(logs, roles.control, roles.baseline, null), { margin });
  return [{ metric: logs.metric, estimate, state: emulation === null ? controlState(estimate) : 'unknown' }];
}
