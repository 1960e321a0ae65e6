import type { Estimate, StoppingOutcome } from '../../model/analysis/analysis.js';
import type { Sample } from '../../model/results/sample.js';
import { blocksOf, type Scenario } from '../../model/run/scenario.js';
import { FIRST_LOOK_BLOCKS, LOOK_EVERY_BLOCKS, reserveMs, type StoppingRule } from '../../model/run/stopping.js';
import { estimateEffect, type Strictness } from '../paired/estimate.js';
import { logsOf, paired, type MetricLogs } from '../paired/metrics.js';
import { HALF_WIDTH_WIDENING } from './planning.js';
import { rolesOf, type Roles } from '../verdict/roles.js';
import { lookAt, lookBlocks, lookStrictness } from './sequential.js';
import { Span } from './span.js';
import { addSample, closeTurns, openTurns, type Turns } from '../paired/turns.js';
import { decide } from '../verdict/verdict.js';

/** The decision of the rules after a block. */
export type StopDecision = { readonly state: 'continue' } | { readonly state: 'stop'; readonly rule: StoppingRule };

/** Follows a run block by block and says when it may end; keeps numbers only, no samples. */
export interface StoppingWatch {
  /** Takes the samples of one more block; warm-up is ignored. */
  readonly observe: (samples: readonly Sample[]) => StopDecision;
}

/**
 * Watches a run; it ends at the first rule that is satisfied. Estimates are made at looks only, never to see whether p
 * is small by now.
 */
export function watchFor(rules: readonly StoppingRule[], scenario: Scenario, margin: number): StoppingWatch {
  const turns = openTurns(scenario, blocksOf(scenario));
  const roles = rolesOf(scenario);
  const span = new Span();
  let blocks = 0;
  return {
    observe: (samples) => {
      if (samples.every(({ warmup }) => warmup)) return { state: 'continue' };
      for (const sample of samples) {
        addSample(turns, sample);
        span.add(sample);
      }
      blocks++;
      const reached = rules.find((rule) =>
        isTimed(rule)
          ? isOver(rule, span, blocks)
          : isLook(rule, blocks, scenario) &&
            isSatisfied(rule, { turns: closeTurns(turns), roles, blocks, most: blocksOf(scenario), margin }),
      );
      return reached === undefined ? { state: 'continue' } : { state: 'stop', rule: reached };
    },
  };
}

/** Whether another block of average length no longer fits. */
export const isSpent = (budgetMs: number, elapsedMs: number, blocks: number): boolean =>
  elapsedMs + elapsedMs / blocks > budgetMs;

type Timed = Extract<StoppingRule, { readonly milliseconds: number }>;

/** Whether a rule looks at the clock alone. */
export const isTimed = (rule: StoppingRule): rule is Timed => rule.kind === 'budget' || rule.kind === 'time';

/** Whether another block of average length no longer fits: of a whole run, with what comes after it. */
function isOver(rule: Timed, { ms, endMs }: Pick<Span, 'ms' | 'endMs'>, blocks: number): boolean {
  if (rule.kind === 'budget') return isSpent(rule.milliseconds, ms, blocks);
  return rule.spentMs + endMs + ms / blocks + reserveMs(rule) > rule.milliseconds;
}

function isLook(rule: StoppingRule, blocks: number, scenario: Scenario): boolean {
  if (rule.kind === 'decided') return lookBlocks(blocksOf(scenario)).includes(blocks);
  return blocks >= FIRST_LOOK_BLOCKS && (blocks - FIRST_LOOK_BLOCKS) % LOOK_EVERY_BLOCKS === 0;
}

/** A run after some of its blocks. */
export interface Standing {
  readonly turns: Turns;
  readonly roles: Roles;
  /** Blocks run, complete or not. */
  readonly blocks: number;
  readonly most: number;
  readonly margin: number;
}

/**
 * Whether the rule is satisfied there, by the primary metric of every compared arm: CPU time, or wall time where none
 * was recorded.
 */
function isSatisfied(rule: Exclude<StoppingRule, Timed>, standing: Standing): boolean {
  const estimates = primaryEstimates(standing, strictnessOf([rule], standing));
  if (estimates.length === 0) return false;
  return rule.kind === 'decided'
    ? estimates.every((estimate) => estimate !== null && decide(estimate, estimate.p) !== 'inconclusive')
    : estimates.every(
        (estimate) =>
          estimate !== null &&
          estimate.standardError !== null &&
          (estimate.high - estimate.low) / 2 <= Math.log1p(rule.width),
      );
}

function primaryEstimates({ turns, roles, ...rest }: Standing, strictness: Strictness): (Estimate | null)[] {
  const logs = primaryLogs(turns);
  return roles.compared.map(({ arm, baseline, control }) =>
    estimateEffect(paired(logs, arm, baseline, control), { ...strictness, margin: rest.margin }),
  );
}

function primaryLogs(turns: Turns): MetricLogs {
  const cpu = logsOf(turns, 'cpu');
  return cpu.pairs !== undefined || (cpu.byArm[0]?.length ?? 0) > 0 ? cpu : logsOf(turns, 'wall');
}

/**
 * How strict the rules that may have ended a run are on every estimate; a budget looks at no estimate, so it asks
 * nothing; nor does the time of a run.
 */
export function strictnessOf(
  rules: readonly StoppingRule[],
  { blocks, most, margin }: Pick<Standing, 'blocks' | 'most' | 'margin'>,
): Strictness {
  return {
    margin,
    ...(rules.some(({ kind }) => kind === 'halfWidth') ? { widening: HALF_WIDTH_WIDENING } : {}),
    ...(rules.some(({ kind }) => kind === 'decided') ? lookStrictness(lookAt(blocks, most)) : {}),
  };
}

/** How each rule stands at the end of a run, from its samples alone. */
export const stoppingOutcomes = (
  rules: readonly StoppingRule[],
  standing: Standing,
  span: Pick<Span, 'ms' | 'endMs'>,
): StoppingOutcome[] =>
  rules.map((rule) => {
    const reached = isTimed(rule) ? isOver(rule, span, standing.blocks) : isSatisfied(rule, standing);
    return { rule, state: reached ? 'reached' : 'notReached', blocks: standing.blocks, most: standing.most };
  });
