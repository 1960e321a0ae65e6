import { BenchError } from '../../errors.js';
import type { StoppingRule } from '../../model/run/stopping.js';
import { durationMs, properShareOf } from './values.js';

/** What may end a run before its count. */
export interface StoppingOptions {
  /** `±0.5%` or `decided`. */
  readonly until?: string;
  /** `90s`, `10m`, `1h`. */
  readonly budget?: string;
}

/**
 * The rules as they were asked for; each works by a plan made beforehand, none by looking whether p is small by now.
 * Throws `usage`.
 */
export function stoppingRules({ until, budget }: StoppingOptions): readonly StoppingRule[] {
  return [...(until === undefined ? [] : [untilRule(until)]), ...(budget === undefined ? [] : [budgetRule(budget)])];
}

/**
 * A rule would end one level of a sweep and not the others, and their rounds would no longer meet the same drift.
 * Throws `usage`.
 */
export function assertFixedRounds(options: StoppingOptions): void {
  if (stoppingRules(options).length === 0) return;
  throw new BenchError(
    'usage',
    'Expected a fixed number of rounds for several levels of concurrency, got --until or --budget',
    { hint: 'Say how many rounds, or take one level of concurrency.' },
  );
}

function untilRule(text: string): StoppingRule {
  if (text === 'decided') return { kind: 'decided' };
  const width = properShareOf(text.trim().replace(/^(?:±|\+-|\+\/-)/, ''));
  if (width !== undefined) return { kind: 'halfWidth', width };
  throw new BenchError('usage', `--until: Expected ±PERCENT or decided, got "${text}"`, {
    hint: 'For example --until ±0.5%, or --until decided.',
  });
}

function budgetRule(text: string): StoppingRule {
  return { kind: 'budget', milliseconds: durationMs('--budget', text) };
}

/**
 * The most blocks a run with rules may take where no count was given: the group sequential test plans its looks by it.
 */
const MOST_BLOCKS: Readonly<Record<StoppingRule['kind'], number>> = {
  decided: 1000,
  halfWidth: 20_000,
  budget: 100_000,
};

/**
 * The count to use: as given; with a rule and none given, the most that rule allows; otherwise the default of the
 * scenario (`undefined`).
 */
export function mostBlocks(given: string | undefined, options: StoppingOptions): string | undefined {
  const rules = stoppingRules(options);
  if (given !== undefined || rules.length === 0) return given;
  return String(Math.min(...rules.map(({ kind }) => MOST_BLOCKS[kind])));
}
