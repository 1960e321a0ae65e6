import type { StoppingOutcome } from '../../model/analysis/analysis.js';
import type { StoppingRule } from '../../model/run/stopping.js';
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
    return { rule, state: reached ? 'reached' : 'notReached', blocks: standing.blocks, most: standing.most };
  });
