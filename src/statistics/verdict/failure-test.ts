import { at } from '../distributions/moments.js';
import type { Turns } from '../paired/turns.js';

/** Below this the arms do not fail alike; one honest run in a hundred. */
const DIFFERENT_P = 0.01;

/** Turns of an arm that were run to some end, and those of them that had a failure. */
export interface Survival {
  readonly run: number;
  readonly failed: number;
}

/** Counted in turns: containers of one batch share its fate. */
export function survivalOf(turns: Turns, arm: number): Survival {
  let run = 0;
  let failed = 0;
  for (let turn = arm * turns.blocks; turn < (arm + 1) * turns.blocks; turn++) {
    if (at(turns.failed, turn) > 0) failed++;
    if (at(turns.failed, turn) > 0 || at(turns.ok, turn) >= turns.perTurn) run++;
  }
  return { run, failed };
}

/** Whether one of the two failed more than chance explains. */
export const failDifferently = (one: Survival, other: Survival): boolean => fisher(one, other) < DIFFERENT_P;

/**
 * Fisher's exact test, two-sided (1935): of all tables with the same margins, the share of those no likelier than the
 * one seen.
 * Weights are relative to the first table's; each follows from the one before.
 */
export function fisher(one: Survival, other: Survival): number {
  const total = one.run + other.run;
  const failed = one.failed + other.failed;
  const least = Math.max(0, failed - other.run);
  const most = Math.min(failed, one.run);
  // Logarithms: with thousands of failures the weights leave the range of a double.
  const logs: number[] = [0];
  for (let k = least; k < most; k++) {
    logs.push(
      (logs.at(-1) ?? 0) + Math.log(((failed - k) * (one.run - k)) / ((k + 1) * (total - failed - one.run + k + 1))),
    );
  }
  const seen = logs[one.failed - least] ?? 0;
  const peak = logs.reduce((largest, log) => Math.max(largest, log), -Infinity);
  let all = 0;
  let rare = 0;
  for (const log of logs) {
    const weight = Math.exp(log - peak);
    all += weight;
    // Tables of equal weight differ by rounding.
    if (log <= seen + 1e-9) rare += weight;
  }
  return rare / all;
}
