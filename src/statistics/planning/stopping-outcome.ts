import type { StoppingOutcome } from '../../model/analysis/analysis.js';
import type { StoppingRule } from '../../model/run/stopping.js';
import { counted, share } from '../verdict/names.js';
import { isSatisfied, isSpent, type Standing } from './stopping.js';

/** How each rule stands at the end of a run, from its samples alone; `spanMs` from the first start to the last end. */
export const stoppingOutcomes = (
  rules: readonly StoppingRule[],
  standing: Standing,
  spanMs: number,
): StoppingOutcome[] =>
  rules.map((rule) => {
    const reached =
      rule.kind === 'budget' ? isSpent(rule.milliseconds, spanMs, standing.blocks) : isSatisfied(rule, standing);
    return { rule, state: reached ? 'reached' : 'notReached', sentence: sentenceOf(rule, reached, standing) };
  });

function sentenceOf(rule: StoppingRule, reached: boolean, { blocks, most }: Standing): string {
  const after = `after ${counted(blocks, 'block')} of at most ${counted(most, 'block').replace(/ block.*/, '')}`;
  switch (rule.kind) {
    case 'halfWidth':
      return reached
        ? `Ended by rule ${after}: the interval is within ±${share(rule.width)}, and was made 1.05 times as wide, because a run that ends by its width ends a little too soon.`
        : `Not within ±${share(rule.width)} ${after}: give a larger --count.`;
    case 'decided':
      return reached
        ? `Decided ${after}: p and equivalence are held to O'Brien and Fleming's boundary of this look; the interval is the nominal one and, after an early stop, leans away from 0.`
        : `Not decided ${after}: give a larger --count.`;
    case 'budget':
      return reached
        ? `Ended ${after}, when ${duration(rule.milliseconds)} were spent; that looks at no result, so the numbers need no correction.`
        : `All blocks were run within the budget of ${duration(rule.milliseconds)}.`;
  }
}

const duration = (milliseconds: number): string =>
  milliseconds < 120_000
    ? `${Number((milliseconds / 1000).toPrecision(3))} s`
    : `${Number((milliseconds / 60_000).toPrecision(3))} min`;
