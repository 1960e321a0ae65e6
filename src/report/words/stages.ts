import type { AnalysedRun } from '../../model/analysis/analysis.js';
import type { Explained, SpanDifference, StageComparison } from '../../model/analysis/stage-analysis.js';
import type { Stage } from '../../model/container/stages.js';
import { FEWEST_FOR_VERDICT, unitOf } from '../../model/run/scenario.js';
import type { Unit } from '../../model/run/unit.js';
import { formatTime } from '../text/format.js';

const ACTIVITY: Readonly<Record<Stage, string>> = {
  convert: 'converting the profile',
  write: 'serialising and writing the spec',
  sandbox: "making the pod's sandbox",
  create: 'creating the container',
  start: 'starting it, up to its first instruction',
  exit: 'running it, until bench saw it exit',
  remove: 'removing it',
};

/** Of an exec, as daemons tell them apart. */
const EXEC_ACTIVITY: Readonly<Record<Stage, string>> = {
  ...ACTIVITY,
  create: 'creating the exec',
  start: 'starting it and running its program',
  exit: 'waiting for the word that it has ended',
};

/** Of an exec by one command, told apart by its program. */
const COMMAND_ACTIVITY: Readonly<Record<Stage, string>> = {
  ...ACTIVITY,
  exit: 'running it, until the runtime had ended',
};

/** What the stages of a run are of: containers, execs by a daemon, or execs by one command of a runtime. */
export type StagesOf = 'start' | 'daemonExec' | 'runtimeExec';

/** A daemon creates an exec before it starts it. */
export function stagesOf(unit: Unit, [first]: readonly StageComparison[]): StagesOf {
  if (unit === 'start') return 'start';
  return first?.stages.some(({ stage }) => stage === 'create') === true ? 'daemonExec' : 'runtimeExec';
}

const ACTIVITIES: Readonly<Record<StagesOf, Readonly<Record<Stage, string>>>> = {
  start: ACTIVITY,
  daemonExec: EXEC_ACTIVITY,
  runtimeExec: COMMAND_ACTIVITY,
};

const change = (ns: number): string => `${formatTime(Math.abs(ns))} ${ns < 0 ? 'less' : 'more'}`;

/** Where the difference of every compared arm lies. */
export const stageSentences = ({ run, analysis }: AnalysedRun): readonly string[] =>
  analysis.stages.map((one) => stagesSentence(one, unitOf(run.plan.scenario)));

/** Where an arm's difference lies. */
export function stagesSentence(comparison: StageComparison, unit: Unit = 'start'): string {
  const { explained } = comparison;
  const where = whereSentence(comparison, ACTIVITIES[stagesOf(unit, [comparison])]);
  return `${where}${explained === null ? '' : ` ${explainedSentence(explained, comparison.total, unit)}`}`;
}

function whereSentence(
  { arm, baseline, blocks, total, stages, largest }: StageComparison,
  activity: Readonly<Record<Stage, string>>,
): string {
  const whole = `${arm} takes ${change(total.differenceNs)} than ${baseline}`;
  if (blocks < FEWEST_FOR_VERDICT)
    return `${whole} over all stages. ${blocks === 1 ? '1 block is' : `${blocks} blocks are`} described, not judged \
(${FEWEST_FOR_VERDICT} are needed).`;
  if (total.lowNs <= 0 && total.highNs >= 0) return `${whole} over all stages, which is within chance.`;
  const most = stages.find(({ stage }) => stage === largest);
  return most === undefined
    ? `${whole}, spread over stages, none of which differs beyond chance.`
    : `${whole}; ${formatTime(Math.abs(most.differenceNs))} (${Math.round(100 * (most.share ?? 0))} %) of that is in \
${activity[most.stage]}.`;
}

/** Both numbers, and whether they agree: never one that is made of the two (docs/method.md, section 20). */
function explainedSentence(
  { differenceNs, share }: Explained,
  { lowNs, highNs, ...seen }: SpanDifference,
  unit: Unit,
): string {
  const interval = Number.isFinite(highNs - lowNs) ? ` (95 % interval ${msText(lowNs)} to ${msText(highNs)})` : '';
  const isWithin = differenceNs >= lowNs && differenceNs <= highNs;
  const verdict = isWithin
    ? 'the two agree, so the filter can explain the difference'
    : `that is ${Math.round(100 * share)} % of it, so the filter alone does not explain the difference`;
  return `Converting, serialising, building and loading the filter in bench's own process takes \
${change(differenceNs)}; whole ${unit}s take ${change(seen.differenceNs)}${interval}: ${verdict}.`;
}

const msText = (ns: number): string => `${ns < 0 ? '\u2212' : '+'}${formatTime(Math.abs(ns))}`;
