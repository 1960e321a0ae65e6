import type { Sample } from '../../model/results/sample.js';
import { FEWEST_FOR_VERDICT, type Scenario } from '../../model/run/scenario.js';
import { reserveMs, type TimeRule } from '../../model/run/stopping.js';
import type { Mode, ModeReason, TimePlan, TriedMode } from '../../model/run/time-plan.js';
import { ratiosOf } from '../paired/estimate.js';
import { logsOf, paired } from '../paired/metrics.js';
import { trimmedBoth, trimmedOne } from '../paired/trimmed.js';
import { collectTurns, completeCount, type Turns } from '../paired/turns.js';
import { rolesOf } from '../verdict/roles.js';

/** Share of the time left that a pilot of several modes may take, and the blocks per mode that show a spread. */
const [PILOT_SHARE, FEWEST_PILOT, MOST_PILOT] = [0.15, 12, 40];
/** Ratios that show a spread. */
const FEWEST_SPREAD = 8;
/** A run is slower than its first blocks by so much at times; a promise that a verdict fits allows for it. */
const SLOWER = 1.1;
const Z_LEVEL = 1.959964;

/** Time left of a rule, in milliseconds, once what comes after the last block is taken off. */
const timeLeftMs = (rule: TimeRule): number => rule.milliseconds - rule.spentMs - reserveMs(rule);

/**
 * Milliseconds that a run would need for the fewest blocks with a verdict; `null`: they fit. `warmup` blocks come
 * first.
 */
export function timeMissing(rule: TimeRule, secondsPerBlock: number, warmup: number): number | null {
  const needed = SLOWER * 1000 * secondsPerBlock * (FEWEST_FOR_VERDICT + warmup);
  return needed <= timeLeftMs(rule) ? null : rule.spentMs + needed + reserveMs(rule);
}

/** Blocks of each mode that a pilot tries; 0: the time is too short to try several. */
export function pilotBlocks(rule: TimeRule, secondsPerBlock: number, modes: number): number {
  if (modes < 2) return 0;
  const fit = Math.floor((PILOT_SHARE * timeLeftMs(rule)) / (1000 * secondsPerBlock * modes));
  return fit < FEWEST_PILOT ? 0 : Math.min(MOST_PILOT, fit);
}

/**
 * What the blocks of a pilot in one mode show of its noise and pace; the effect is not looked at. `scenario` is that of
 * the mode, whose blocks are numbered from 0.
 */
export function triedMode(
  mode: Mode,
  scenario: Scenario,
  samples: readonly Sample[],
  secondsPerBlock: number,
): TriedMode {
  const turns = collectTurns(scenario, samples, new Set(samples.map(({ block }) => block)).size);
  return {
    mode,
    blocks: completeCount(turns),
    secondsPerBlock,
    spread: {
      cpu: largestSpread(turns, scenario, 'cpu'),
      wall: largestSpread(turns, scenario, 'wall'),
      ...(mode === 'duet' ? { duetWall: largestSpread(turns, scenario, 'duetWall') } : {}),
    },
  };
}

/** Of all arms that are compared, per block of any kind: a metric may come from some of them only. */
function largestSpread(turns: Turns, scenario: Scenario, metric: 'cpu' | 'wall' | 'duetWall'): number | null {
  const logs = logsOf(turns, metric);
  const spreads = rolesOf(scenario).compared.flatMap(({ arm, baseline, control }) => {
    const { toBaseline, toControl } = ratiosOf(paired(logs, arm, baseline, control));
    if (toBaseline.length < FEWEST_SPREAD) return [];
    const location = toControl === null ? trimmedOne(toBaseline) : trimmedBoth(toBaseline, toControl);
    return location === null ? [] : [location.standardError * Math.sqrt(completeCount(turns))];
  });
  return spreads.length === 0 ? null : Math.max(...spreads);
}

/**
 * The mode with the narrowest intervals in the time that is left: the geometric mean of CPU and wall time's spread
 * squared, times seconds per block, is least; a metric that a mode does not show is left out. With duet blocks wall
 * time under load counts, which decides whether arms differ. Neither the effect nor its sign matters, so nothing is
 * corrected for this choice.
 */
export function chooseMode(tried: readonly TriedMode[]): TriedMode | undefined {
  const metrics = [({ spread }: TriedMode) => spread.cpu, decidingWall].filter((spreadIn) =>
    tried.every((one) => spreadIn(one) !== null),
  );
  if (metrics.length === 0) return tried[0];
  const costOf = (one: TriedMode): number =>
    Math.log(one.secondsPerBlock) +
    metrics.reduce((sum, spreadIn) => sum + 2 * Math.log(spreadIn(one) ?? Infinity), 0) / metrics.length;
  return tried.reduce<TriedMode | undefined>(
    (best, one) => (best === undefined || costOf(one) < costOf(best) ? one : best),
    undefined,
  );
}

const decidingWall = ({ spread }: TriedMode): number | null =>
  spread.duetWall === undefined ? spread.wall : spread.duetWall;

/** What fits into the time that is left, after `warmup` more blocks. */
export function planTime(rule: TimeRule, { tried, chosen, reason, warmup }: TimePlanning): TimePlan {
  const fit = Math.floor(timeLeftMs(rule) / (1000 * chosen.secondsPerBlock)) - warmup;
  const blocks = Math.max(0, fit);
  const halfWidth = (spread: number | null): number | null =>
    spread === null || blocks === 0 ? null : Math.expm1((Z_LEVEL * spread) / Math.sqrt(blocks));
  return {
    milliseconds: rule.milliseconds,
    spentMs: rule.spentMs,
    tried,
    mode: chosen.mode,
    reason,
    blocks,
    halfWidth: { cpu: halfWidth(chosen.spread.cpu), wall: halfWidth(chosen.spread.wall) },
  };
}

/** What a pilot found. */
export interface TimePlanning {
  readonly tried: readonly TriedMode[];
  readonly chosen: TriedMode;
  readonly reason: ModeReason;
  readonly warmup: number;
}
