import type { AnalysedRun, ArmSummary } from '../../model/analysis/analysis.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import { machineOf, type RunResult } from '../../model/results/result.js';
import { timedRuns } from './timed-runs.js';
import type { TimedRun } from './timed-runs.js';

/** What a series is named by: the same from run to run, so that a tool that keeps a history finds its own again. */
export interface SeriesLabels {
  readonly scenario: string;
  /** uname's; an emulated one is another machine, or a history would mix their times. */
  readonly machine: string;
  readonly engine: string;
  /** Only where several runs of one export would have the same name. */
  readonly run: string | null;
  readonly arm: string;
}

/** One arm of one run, as other tools see it: a named benchmark with its timed runs. */
export interface Series {
  readonly labels: SeriesLabels;
  /** `quick/x86_64/runc/after`. */
  readonly name: string;
  readonly analysed: AnalysedRun;
  readonly summary: ArmSummary;
  readonly runs: readonly TimedRun[];
}

/** Every arm of every run that has a timed run, in the order of the runs and their plans. */
export const seriesOf = (runs: readonly AnalysedRun[]): readonly Series[] =>
  allSeriesOf(runs).filter((series) => series.runs.length > 0);

/** The same with the arms that have none. */
export function allSeriesOf(runs: readonly AnalysedRun[]): readonly Series[] {
  return runs.flatMap((analysed, index) => {
    const {
      run: { plan, samples },
      analysis,
    } = analysed;
    return analysis.arms.map((summary) => {
      const labels = {
        scenario: plan.scenario.name,
        machine: machineLabel(analysed.run),
        engine: plan.engine.name,
        run: runLabel(runs, index),
        arm: summary.arm,
      };
      return {
        labels,
        name: seriesName(labels),
        analysed,
        summary,
        runs: timedRuns(samples, summary.arm, plan.scenario.kind),
      };
    });
  });
}

function machineLabel(run: Pick<RunResult, 'host' | 'plan'>): string {
  const emulation = emulationOfHost(run.host);
  return emulation === null ? machineOf(run) : `${machineOf(run)}-${emulation.kind}`;
}

const seriesName = ({ scenario, machine, engine, run, arm }: SeriesLabels): string =>
  [scenario, machine, engine, ...(run === null ? [] : [run]), arm].join('/');

/**
 * The result's name where another run of the same scenario, machine and engine is exported with it, numbered where even
 * the names are equal.
 */
function runLabel(runs: readonly AnalysedRun[], index: number): string | null {
  const own = runs[index];
  if (own === undefined || !runs.some((other) => other !== own && subjectOf(other) === subjectOf(own))) return null;
  const { name } = own.run;
  return runs.some((other) => other !== own && other.run.name === name) ? `${name}#${index + 1}` : name;
}

const subjectOf = ({ run }: AnalysedRun): string =>
  JSON.stringify([run.plan.scenario.name, machineLabel(run), run.plan.engine.name]);
