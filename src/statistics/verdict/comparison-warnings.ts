import type { Comparison, ControlCheck, Estimate, RunWarning } from '../../model/analysis/analysis.js';
import { FEWEST_FOR_TRIMMED, isTimed } from '../../model/analysis/judgement.js';
import type { Unit } from '../../model/run/unit.js';

/** Effects from 5 % on are visibly shrunk by carry-over when starts follow each other without a pause. */
const CARRY_OVER = Math.log1p(0.05);

/** How the containers were run, as far as it bears on a comparison. */
export interface Running {
  readonly parallel: boolean;
  readonly pauseMs: number;
  readonly unit: Unit;
}

/** What to know before trusting a comparison. */
export function comparisonWarnings(comparisons: readonly Comparison[], running: Running): readonly RunWarning[] {
  return [...comparisons.flatMap(noSpread), ...familyWarnings(comparisons), ...carryOver(comparisons, running)];
}

function carryOver(comparisons: readonly Comparison[], { parallel, pauseMs, unit }: Running): readonly RunWarning[] {
  // How far the end of an exec reaches into the next one was never measured.
  if (parallel || pauseMs > 0 || unit === 'exec') return [];
  const large = comparisons.filter(
    ({ metric, estimate, verdict }) =>
      isTimed(metric) &&
      (verdict === 'faster' || verdict === 'slower') &&
      Math.abs(estimate?.logRatio ?? 0) > CARRY_OVER,
  );
  return large.length === 0 ? [] : [{ code: 'noPause', arms: [...new Set(large.map(({ arm }) => arm))] }];
}

/** Counts repeat exactly without anything being wrong; times do not. */
function noSpread({ arm, metric, estimate }: Comparison): readonly RunWarning[] {
  return estimate !== null && isTimed(metric) && isPoint(estimate) ? [{ code: 'noSpread', arm, metric }] : [];
}

const isPoint = ({ low, high, blocks }: Estimate): boolean => low === high && blocks >= FEWEST_FOR_TRIMMED;

/**
 * Where the tests of a report together change a verdict: 1 of 20 true equals looks different by chance. They depend on
 * which rows are in the report.
 */
export const familyWarnings = (comparisons: readonly Comparison[]): readonly RunWarning[] =>
  comparisons.flatMap(({ arm, metric, verdict, family }): readonly RunWarning[] =>
    family === null || family.verdict === verdict
      ? []
      : [{ code: 'notByHolm', arm, metric, tests: family.rows, p: family.p }],
  );

/** Arms that differ under each other's load: the size of that is not the size alone. */
export function loadWarnings(comparisons: readonly Comparison[]): readonly RunWarning[] {
  const arms = comparisons
    .filter(({ metric, verdict }) => metric === 'duetWall' && (verdict === 'faster' || verdict === 'slower'))
    .map(({ arm }) => arm);
  const alone = comparisons.flatMap(({ arm, metric, estimate }): readonly RunWarning[] =>
    metric === 'duetWall' && estimate !== null && aloneShare(estimate) > FIT_SHARE
      ? [{ code: 'aloneAtEnd', arm, share: aloneShare(estimate) }]
      : [],
  );
  return [...(arms.length === 0 ? [] : [{ code: 'underLoad', arms } as const]), ...alone];
}

/** Both start together, so the longer one is without the other from the end of the shorter. */
const aloneShare = ({ logRatio }: Estimate): number => 1 - Math.exp(-Math.abs(logRatio));

/**
 * Sizes of CPU time agreed with those of pinned starts where arms were 13 % apart, and were off by 3 % of themselves
 * where they were 48 % apart (docs/method.md, section 18).
 */
const FIT_SHARE = 1 / 3;

/** What the A/A checks found; nothing where they are ok. */
export const controlWarnings = (controls: readonly ControlCheck[]): readonly RunWarning[] =>
  controls.flatMap(({ metric, state, estimate }): readonly RunWarning[] => {
    if (state === 'ok' || estimate === null) return [];
    if (state === 'unknown') return [{ code: 'controlUnchecked', metric }];
    return [{ code: 'controlDiffers', state, metric, logRatio: estimate.logRatio, p: estimate.p }];
  });
