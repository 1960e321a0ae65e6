import { isDuet } from '../../model/run/duet.js';
import { blocksOf, countedThing, FEWEST_FOR_VERDICT } from '../../model/run/scenario.js';
import type { Scenario } from '../../model/run/scenario.js';
import { timeRule } from '../../model/run/stopping.js';
import type { StoppingRule } from '../../model/run/stopping.js';
import { counted, formatCount, formatDuration } from '../../report/index.js';
import { containersOf } from '../../scenario/index.js';

/**
 * One or two lines about a run before its first container: what, how often, how long. `seconds` is for all its blocks;
 * with a stopping rule that is the most it can take.
 */
export function describeWork(scenario: Scenario, seconds: number, stopping: readonly StoppingRule[] = []): string {
  const { measured, warmup } = containersOf(scenario);
  const blocks = blocksOf(scenario);
  const thing = countedThing(scenario);
  const arms = scenario.arms.map((arm) => arm.name).join(', ');
  const time = timeRule(stopping);
  if (time !== undefined) return `${scenario.name}: as many ${unitOf(scenario, '')} as fit; arms ${arms}.`;
  const unit = unitOf(
    scenario,
    scenario.kind === 'sequential' ? counted(blocks, 'block') : counted(blocks, 'batch', 'batches'),
  );
  const verdict =
    blocks < FEWEST_FOR_VERDICT ? `\nFewer than ${counted(FEWEST_FOR_VERDICT, 'block')}: no verdict.` : '';
  const most = stopping.length === 0 ? '' : 'at most ';
  const all = `${most}${counted(measured, thing)} (${unit}; arms ${arms}) and ${formatCount(warmup)} to warm up`;
  return `${scenario.name}: ${all}, ${timeWords(seconds, stopping)}.${verdict}`;
}

/** `500 blocks of one container per arm`, or of one exec; without a count `blocks of one container per arm`. */
function unitOf(scenario: Scenario, count: string): string {
  const plural = scenario.kind === 'sequential' ? 'blocks' : 'batches';
  const units = count === '' ? plural : count;
  return scenario.kind === 'sequential'
    ? `${units} of ${isDuet(scenario) ? 'one pair of each two arms' : `one ${countedThing(scenario)} per arm`}`
    : `${units} per arm of ${counted(scenario.count, 'container')}, ${formatCount(scenario.concurrency)} in flight`;
}

/** `about 12 s`, without false precision for less than one. */
export const expectedTime = (seconds: number): string =>
  seconds < 1 ? 'under 1 s' : `about ${formatDuration(seconds)}`;

function timeWords(seconds: number, stopping: readonly StoppingRule[]): string {
  const budgets = stopping.flatMap((rule) => ('milliseconds' in rule ? [rule.milliseconds / 1000] : []));
  const most = Math.min(seconds, ...budgets);
  const time = expectedTime(most);
  return stopping.length === 0 ? `${time} expected` : `${time} at most`;
}
