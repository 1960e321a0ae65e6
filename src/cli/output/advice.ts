import { join, resolve } from 'node:path';
import type { Advice, AdviceCounts, CallEffect, OptionResult } from '../../model/analysis/advice.js';
import type { AnalysedRun, Estimate, Metric } from '../../model/analysis/analysis.js';
import type { Io } from '../../model/io.js';
import type { PercallAnalysis } from '../../model/analysis/percall-analysis.js';
import {
  adviceReport,
  percallWarningsOf,
  renderAdviceTerminal,
  SECURITY,
  warningsOf,
  writePlainReport,
} from '../../report/index.js';
import { readPercallFolder } from '../../results/index.js';
import { analysePercall } from '../../statistics/index.js';
import { AS_IS } from '../../advise/arms.js';
import type { OptionArm } from '../../advise/arms.js';
import { makeFolders } from '../../results/make-folders.js';
import { analyseResult, shortest, unwritable } from '../commands/report.js';

export interface Measured {
  readonly profile: string;
  readonly optionArms: readonly OptionArm[];
  readonly counts: (AdviceCounts & { readonly warnings: readonly string[] }) | null;
  /** Results folders. */
  readonly starts: string;
  readonly calls: string;
}

export interface AdviceOutput {
  readonly reports: string;
  readonly report: boolean;
  readonly json: boolean;
}

/**
 * Says what each option changed, makes the report and gives the exit code: 1 where a container failed, 130 where the
 * run was stopped.
 */
export async function concludeAdvice(measured: Measured, options: AdviceOutput, io: Io): Promise<number> {
  const starts = analyseResult(resolve(io.cwd, measured.starts), '1%');
  const calls = analysePercall(readPercallFolder(resolve(io.cwd, measured.calls)));
  const advice: Advice = {
    profile: measured.profile,
    engine: starts.run.plan.engine.name,
    blocks: {
      starts: Math.max(0, ...starts.analysis.comparisons.map(({ estimate }) => estimate?.blocks ?? 0)),
      calls: calls.blocks,
    },
    options: measured.optionArms.map((one) => resultOf(one, starts, calls)),
    results: { starts: measured.starts, calls: measured.calls },
    counts:
      measured.counts === null
        ? null
        : { from: measured.counts.from, first: measured.counts.first, cached: measured.counts.cached },
    warnings: [
      ...new Set([
        ...(measured.counts?.warnings ?? []),
        ...warningsOf(starts).map((warning) => `Starts: ${warning}`),
        ...percallWarningsOf(calls).map((warning) => `Calls: ${warning}`),
      ]),
    ],
  };
  const reportPath = options.report ? await write(advice, starts.run.name, options, io) : null;
  io.out(
    options.json
      ? `${JSON.stringify(advice, null, 2)}\n`
      : renderAdviceTerminal(advice, { columns: io.columns ?? 80, reportPath }),
  );
  if (io.signal.aborted) return 130;
  return starts.analysis.failures.length > 0 || calls.failed > 0 ? 1 : 0;
}

function resultOf(one: OptionArm, { run, analysis }: AnalysedRun, calls: PercallAnalysis): OptionResult {
  const { option } = one;
  if (!('arm' in one)) return { state: 'notMeasured', option, reason: one.reason, security: SECURITY[option] };
  const arm = one.arm.name;
  // Keeping only the host's is held the other way round: its arm is what it saves.
  const turned = option === 'hostOnly';
  const change = (metric: Metric): Estimate | null =>
    turn(
      analysis.comparisons.find((comparison) => comparison.arm === arm && comparison.metric === metric)?.estimate ??
        null,
      turned,
    );
  const pair = <Value>(of: (name: string) => Value): readonly [Value, Value] =>
    turned ? [of(arm), of(AS_IS)] : [of(AS_IS), of(arm)];
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
    cpu: change('cpu'),
    wall: change('wall'),
    startNs: { cpu: pair(median('cpu')), wall: pair(median('wall')) },
    instructions: pair(instructions),
    calls: callsOf(arm, turned, calls),
    security: one.checked === undefined ? SECURITY[option] : `${SECURITY[option]} Checked: ${one.checked}.`,
  };
}

function callsOf(arm: string, turned: boolean, { prices }: PercallAnalysis): readonly CallEffect[] {
  return prices
    .filter((price) => price.arm === arm)
    .map((price) => {
      const own = prices.find((other) => other.arm === AS_IS && other.call === price.call) ?? price;
      return {
        call: price.call,
        kind: own.cached ? 'cached' : own.errno === null ? 'argument' : 'denied',
        ns: own.ns.value,
        change: turn(price.ratio, turned),
      };
    });
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

async function write(advice: Advice, name: string, { reports }: AdviceOutput, io: Io): Promise<string> {
  const dir = resolve(io.cwd, reports, name);
  try {
    makeFolders(dir);
    await writePlainReport(adviceReport(advice), { summaryVersion: 1, kind: 'advise', ...advice }, dir);
  } catch (error) {
    throw unwritable(dir, error);
  }
  return join(shortest(dir, io.cwd), 'index.html');
}
