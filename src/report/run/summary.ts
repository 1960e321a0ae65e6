import type {
  AnalysedRun,
  ArmSummary,
  Comparison,
  ControlCheck,
  Diagnostic,
  Estimate,
  ExactComparison,
  FailureCount,
  FamilyJudgement,
  InvalidReason,
  Metric,
  Resolution,
  Settlement,
  StageComparison,
  StoppingOutcome,
  Verdict,
  VerdictReason,
} from '../../model/analysis/analysis.js';
import { emulationOfHost, type Emulation } from '../../model/run/emulation.js';
import type { Containment } from '../../model/container/containment.js';
import type { ArmEvidence } from '../../model/run/evidence.js';
import { machineOf } from '../../model/results/result.js';
import type { Ledger } from '../../model/results/ledger.js';
import type { ArmThroughput, Sweep } from '../../model/analysis/throughput.js';
import type { DuetCores } from '../../model/run/duet.js';
import { blocksOf, countedThing, unitOf, type FilterCache } from '../../model/run/scenario.js';
import type { TimePlan } from '../../model/run/time-plan.js';
import type { Unit } from '../../model/run/unit.js';
import { effectOf } from '../text/format.js';
import {
  PUBLISHED_CASES,
  PUBLISHED_SOURCE,
  publishedChartPercent,
  publishedFor,
  publishedPercent,
} from './published.js';
import type { PublishedCase } from './published.js';
import type { Headline } from './headlines.js';
import { headlinesOf } from './headlines.js';
import { callsWithSentences, type CallsWithSentences } from '../words/calls.js';
import { workloadWithSentences, type WorkloadWithSentences } from '../words/cost/cost.js';
import { detectableText, diagnosticSentence, resolutionSentence, stoppingSentence } from '../words/diagnostics.js';
import { timePlanSentence } from '../words/plan/time-plan.js';
import { cacheOf, rolesOf, runTitle, tellingOf } from '../words/run.js';
import { execsWithSentences, type ExecsWithSentences } from '../execs/words.js';
import { stagesSentence } from '../words/stages.js';
import { verdictSentence, type Telling } from '../words/verdict.js';
import { warningsOf } from '../words/warnings.js';

/**
 * Version of the shape of summary.json: it changes when a reader of the old one would go wrong. Later versions only
 * added fields (to comparisons, runs, sweeps and failures), so it is still the first.
 */
export const SUMMARY_VERSION = 1;

/**
 * An estimate in numbers a program can use: ratios after/before, percent = 100 * (ratio - 1); bounds `null` where no 95
 * % interval exists.
 */
export interface SummaryEffect {
  /** After/before: 0.98 = 2 % less. */
  readonly ratio: number;
  readonly ratioLow: number | null;
  readonly ratioHigh: number | null;
  /** 100 * (ratio - 1). */
  readonly percent: number;
  readonly percentLow: number | null;
  readonly percentHigh: number | null;
  /** Two-sided. */
  readonly p: number;
  /** Complete blocks used. */
  readonly blocks: number;
  readonly method: Estimate['method'];
  /** Of the plain mean, next to the trimmed one. */
  readonly meanRatio: number;
  /** 90 % interval inside the margin. */
  readonly equivalent: boolean;
  /** Whether the arms' tails differ, so that mean and trimmed mean answer different questions. */
  readonly tailDiffers: boolean;
  /** Whether blocks depend on each other, which makes the interval too narrow. */
  readonly dependent: boolean;
}

/** One arm against the baseline, in one metric. */
export interface SummaryComparison {
  readonly arm: string;
  readonly baseline: string;
  readonly metric: Metric;
  readonly verdict: Verdict;
  /** Why a comparison proves nothing; `null` unless the verdict is `invalid`. */
  readonly invalid: InvalidReason | null;
  /** What the verdict rests on, as a code with its numbers, and in words. */
  readonly reason: VerdictReason;
  readonly because: string;
  /** As one of all tests of the report (Holm); `null` where there is no p to adjust. `verdict` is the row's own. */
  readonly family: FamilyJudgement | null;
  /** How many more blocks would decide it; `null` unless the verdict is `inconclusive`. */
  readonly settlement: Settlement | null;
  readonly effect: SummaryEffect | null;
}

/** The verdict on an arm, by its primary metric. */
export interface SummaryVerdict {
  readonly arm: string;
  /** Name of the arm that it is compared with. */
  readonly baseline: string;
  readonly verdict: Verdict;
  readonly text: string;
  /** Whether the starts of both found a compiled filter; `null` where the runtime keeps none. */
  readonly cache: FilterCache | null;
  /** What both arms were seen to load, where another runtime, library or form is compared; else `null`. */
  readonly loaded: string | null;
}

/** The A/A check: control against baseline, in one metric. */
export interface SummaryControl {
  readonly metric: Metric;
  readonly state: ControlCheck['state'];
  readonly effect: SummaryEffect | null;
}

/**
 * One arm: counts, medians in nanoseconds, totals in seconds, and what proves its treatment (`null` where nothing was
 * recorded).
 */
export interface SummaryArm {
  readonly arm: string;
  readonly planned: number;
  readonly ok: number;
  readonly failed: number;
  readonly notRun: number;
  readonly medianWallNs: number | null;
  readonly medianCpuNs: number | null;
  readonly medianLatencyNs: number | null;
  readonly totalSeconds: number | null;
  readonly totalSecondsLow: number | null;
  readonly totalSecondsHigh: number | null;
  readonly evidence: ArmEvidence | null;
  /** Whether its starts found a compiled filter; `null` where its runtime keeps none. */
  readonly cache: FilterCache | null;
}

/** One run of summary.json. */
export interface SummaryRun {
  /** Name of the results folder. */
  readonly name: string;
  readonly title: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly command: readonly string[];
  /** Name of the scenario. */
  readonly scenario: string;
  readonly kind: 'sequential' | 'parallel';
  /** What was timed. */
  readonly unit: Unit;
  /** `uname -m` where the containers ran. */
  readonly machine: string;
  /** Kernel release. */
  readonly kernel: string;
  readonly cpuModel: string;
  /** The emulator whose times these are; `null` = none found, or not checked. */
  readonly emulation: Emulation | null;
  readonly engine: string;
  readonly engineVersion: string;
  /** What held the containers, and their limits; `null`: not recorded. */
  readonly containment: Containment | null;
  /** Of the shuffled order. */
  readonly seed: number;
  /** A share (0.01 = 1 %): smaller changes count as none. */
  readonly margin: number;
  readonly blocksPlanned: number;
  readonly blocksComplete: number;
  /** The cores of its duet blocks, and the complete solo blocks among `blocksComplete`; `null`: no duet blocks. */
  readonly duet: (DuetCores & { readonly soloBlocks: number }) | null;
  /** The count asked for: more than `blocksPlanned` where a stopping rule ended the run before. */
  readonly blocksAtMost: number;
  /** Name of the arm that the others are compared with. */
  readonly baseline: string;
  /** Name of its copy; `null` where there is none. */
  readonly control: string | null;
  /** Per compared arm, of CPU time. */
  readonly verdicts: readonly SummaryVerdict[];
  readonly comparisons: readonly SummaryComparison[];
  readonly controls: readonly SummaryControl[];
  /** Where each compared arm's difference lies, in nanoseconds; empty where stages were not recorded. */
  readonly stages: readonly (StageComparison & { readonly sentence: string })[];
  /** `null` where system calls were not counted. */
  readonly calls: CallsWithSentences | null;
  /** What a program's calls should cost and what was measured; `null` where the payload ran. Nanoseconds. */
  readonly workload: WorkloadWithSentences | null;
  /** What an exec costs, and what so many probes do; `null` where starts were timed, or under emulation. */
  readonly execs: ExecsWithSentences | null;
  /** What is counted, not sampled. */
  readonly exact: readonly ExactComparison[];
  /** Slot effect, drift, carry-over, dependence, tails: log ratios, with their meaning. */
  readonly diagnostics: readonly (Diagnostic & { readonly meaning: string })[];
  /** Smallest effects the run could have found, as shares (0.007 = 0.7 %). */
  readonly resolution: readonly (Resolution & { readonly sentence: string })[];
  /** The same in one sentence; `null` where nothing has an interval. */
  readonly couldHaveSeen: string | null;
  /** One per rule that could have ended the run. */
  readonly stopping: readonly (StoppingOutcome & { readonly sentence: string })[];
  /** What a run that had to fit into a time was planned to be; `null`: it had none. */
  readonly timePlan: (TimePlan & { readonly sentence: string }) | null;
  readonly arms: readonly SummaryArm[];
  /** Per arm of a parallel run: rates per second, latencies in nanoseconds. */
  readonly throughput: readonly ArmThroughput[];
  /** In flight; `null` where containers run one after the other. */
  readonly concurrency: number | null;
  readonly failures: readonly FailureCount[];
  /** Where every planned container went, and what the engine listed before and after. */
  readonly ledger: Ledger;
  readonly warnings: readonly string[];
  /** Id of the published case this run is compared with. */
  readonly published: string | null;
}

/** A published case, with its change in percent by the text and by the chart; negative is faster. */
export interface SummaryCase extends PublishedCase {
  readonly percent: number;
  readonly chartPercent: number;
}

/** All figures of one or several runs. */
export interface RunsSummary {
  readonly runs: readonly SummaryRun[];
  /**
   * Runs that are levels of one sweep over concurrency, together: rates per second, latencies in nanoseconds,
   * efficiency as a share.
   */
  readonly sweeps: readonly Sweep[];
  readonly published: {
    readonly source: string;
    readonly cases: readonly SummaryCase[];
  };
}

/** summary.json: the whole report for programs. */
export interface Summary extends RunsSummary {
  readonly formatVersion: typeof SUMMARY_VERSION;
  /** All files of the report's folder; a new report of that name replaces exactly these. */
  readonly files: readonly string[];
}

/** The summary of a report whose folder holds `files`. */
export function summaryOf(
  runs: readonly AnalysedRun[],
  files: readonly string[],
  sweeps: readonly Sweep[] = [],
): Summary {
  return { formatVersion: SUMMARY_VERSION, ...runsSummary(runs, sweeps), files };
}

/** The same without what only a file needs. */
export function runsSummary(runs: readonly AnalysedRun[], sweeps: readonly Sweep[] = []): RunsSummary {
  const cases = PUBLISHED_CASES.map((one) => ({
    ...one,
    percent: publishedPercent(one),
    chartPercent: publishedChartPercent(one),
  }));
  return { runs: runs.map(summaryRun), sweeps, published: { source: PUBLISHED_SOURCE, cases } };
}

function summaryRun(analysed: AnalysedRun): SummaryRun {
  const {
    run: { name, host, plan },
    analysis,
  } = analysed;
  const { baseline, control } = rolesOf(analysed);
  const { kind } = plan.scenario;
  const thing = countedThing(plan.scenario);
  return {
    name,
    title: runTitle(analysed),
    startedAt: plan.startedAt,
    command: plan.command,
    scenario: plan.scenario.name,
    kind,
    unit: unitOf(plan.scenario),
    machine: machineOf(analysed.run),
    kernel: host.kernel,
    cpuModel: host.cpuModel,
    emulation: emulationOfHost(host),
    engine: plan.engine.name,
    engineVersion: plan.engine.version,
    containment: plan.engine.containment ?? null,
    seed: plan.seed,
    margin: analysis.margin,
    blocksPlanned: analysis.blocksPlanned,
    blocksComplete: analysis.blocksComplete,
    duet: plan.duet === undefined ? null : { ...plan.duet, soloBlocks: analysis.soloBlocks ?? 0 },
    blocksAtMost: blocksOf(plan.scenario),
    baseline,
    control: control ?? null,
    verdicts: headlinesOf(analysed).map(summaryVerdict),
    comparisons: analysis.comparisons.map((comparison) => summaryComparison(comparison, tellingOf(analysed))),
    controls: analysis.controls.map(({ metric, state, estimate }) => ({
      metric,
      state,
      effect: summaryEffect(estimate),
    })),
    stages: analysis.stages.map((stages) => ({ ...stages, sentence: stagesSentence(stages, unitOf(plan.scenario)) })),
    calls: analysis.calls === undefined ? null : callsWithSentences(analysis.calls),
    workload: analysis.workload === undefined ? null : workloadWithSentences(analysis.workload, analysis.comparisons),
    execs: execsWithSentences(analysed),
    exact: analysis.exact,
    diagnostics: analysis.diagnostics.map((one) => ({ ...one, meaning: diagnosticSentence(one, kind, thing) })),
    resolution: analysis.resolution.map((one) => ({ ...one, sentence: resolutionSentence(one, kind) })),
    couldHaveSeen: detectableText(analysis.resolution, kind),
    stopping: analysis.stopping.map((one) => ({ ...one, sentence: stoppingSentence(one) })),
    timePlan:
      plan.timePlan === undefined ? null : { ...plan.timePlan, sentence: timePlanSentence(plan.timePlan, thing) },
    arms: analysis.arms.map((arm) => summaryArm(arm, analysed)),
    throughput: analysis.throughput,
    concurrency: plan.scenario.kind === 'parallel' ? plan.scenario.concurrency : null,
    failures: analysis.failures,
    ledger: analysis.ledger,
    warnings: warningsOf(analysed),
    published: publishedFor(plan.scenario)?.id ?? null,
  };
}

const summaryVerdict = ({ arm, baseline, verdict, claim, figures, cache, loaded }: Headline): SummaryVerdict => ({
  arm,
  baseline,
  verdict,
  text: `${claim}: ${figures}`,
  cache,
  loaded,
});

function summaryComparison(comparison: Comparison, telling: Telling): SummaryComparison {
  const { arm, baseline, metric, verdict, invalid, reason, family, settlement, estimate } = comparison;
  return {
    arm,
    baseline,
    metric,
    verdict,
    invalid,
    reason,
    because: verdictSentence(comparison, telling),
    family,
    settlement,
    effect: summaryEffect(estimate),
  };
}

const summaryArm = (arm: ArmSummary, analysed: AnalysedRun): SummaryArm => ({
  arm: arm.arm,
  planned: arm.planned,
  ok: arm.ok,
  failed: arm.failed,
  notRun: arm.notRun,
  medianWallNs: arm.wall?.median ?? null,
  medianCpuNs: arm.cpu?.median ?? null,
  medianLatencyNs: arm.latency?.median ?? null,
  totalSeconds: arm.totalSeconds,
  totalSecondsLow: arm.totalSecondsLow,
  totalSecondsHigh: arm.totalSecondsHigh,
  evidence: analysed.run.evidence.find((one) => one.arm === arm.arm) ?? null,
  cache: cacheOf(analysed, arm.arm),
});

function summaryEffect(estimate: Estimate | null): SummaryEffect | null {
  if (estimate === null) return null;
  const { percent, low, high } = effectOf(estimate);
  return {
    ratio: Math.exp(estimate.logRatio),
    ratioLow: low === null ? null : Math.exp(estimate.low),
    ratioHigh: high === null ? null : Math.exp(estimate.high),
    percent,
    percentLow: low,
    percentHigh: high,
    p: estimate.p,
    blocks: estimate.blocks,
    method: estimate.method,
    meanRatio: Math.exp(estimate.meanLogRatio),
    equivalent: estimate.equivalent,
    tailDiffers: estimate.tailDiffers,
    dependent: estimate.dependent,
  };
}
