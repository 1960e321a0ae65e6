import { multiplexerOf } from '../../verify/multiplexed.js';
import { COMPARE } from '../plan.js';
import type { Condition } from '../plan.js';

/** A rule as far as the time that libseccomp needs for it depends on it. */
export interface WeighedRule {
  readonly name: string;
  readonly conditions: readonly Condition[];
}

/** What libseccomp is told: rules, and the number of architectures that each is for. */
export interface WeighedRules {
  readonly rules: readonly WeighedRule[];
  readonly architectures: number;
}

/** Why libseccomp may need very long, or forever. */
export type Risk =
  /** Calls with rules that compare several arguments, in the order of the rules. */
  | { readonly kind: 'comparisons'; readonly calls: readonly string[] }
  | { readonly kind: 'size'; readonly rules: number; readonly architectures: number };

/**
 * Rules squared, times architectures: libseccomp looks for a rule's call among all before it. 2.5.4 needs 0.3 to 0.6 s
 * for 4,000 calls of one architecture; Docker's default profile for 15 architectures is at an eighth of this.
 */
const MOST_STEPS = 16_000_000;

/**
 * Conditions of all rules, times architectures. The time for export grows with their third power where jumps become
 * long: 0.2 s for 800, 10 s for 2,400. Docker's default profile for 15 architectures has 135. Both bounds together keep
 * a filter that is built in this process shorter than 65,535 instructions, of which libseccomp before 2.6.1 loses count
 * and corrupts memory (GHSA-46fr-jh49-xvhx).
 */
const MOST_CONDITIONS = 800;

/**
 * Conditions of a call in rules with several, where only the last one of each rule is about order or inequality. Seen
 * with 2.5.4: no such call of up to 18 conditions hangs, and a few of 40 do.
 */
const MOST_OF_CALL = 12;

const EQUALITY: ReadonlySet<number> = new Set([COMPARE.EQ, COMPARE.MASKED_EQ]);
const isUnequal = ({ operator }: Condition): boolean => !EQUALITY.has(operator);

/**
 * Whether libseccomp may need long for rules; `undefined` where it surely does not. Two 32-bit halves stand for an
 * argument of 64 bits, so a comparison by order or inequality branches; 2.5.4 can walk in a circle where it merges
 * rules of one call that go on after such a branch (of 800,000 random specs none that this takes for harmless
 * hangs). What it takes for risky is mostly harmless, only not known to be.
 */
export function riskOf(weighed: WeighedRules): Risk | undefined {
  const { rules, architectures } = weighed;
  if (isLarge(weighed)) return { kind: 'size', rules: rules.length, architectures };
  const calls = [...rulesByCall(rules)].filter(([, ofCall]) => mayCircle(ofCall)).map(([name]) => name);
  return calls.length === 0 ? undefined : { kind: 'comparisons', calls };
}

function isLarge({ rules, architectures }: WeighedRules): boolean {
  const conditions = rules.reduce((sum, rule) => sum + rule.conditions.length, 0);
  return rules.length ** 2 * architectures > MOST_STEPS || conditions * architectures > MOST_CONDITIONS;
}

type Rules = readonly (readonly Condition[])[];

/** Conditions by call; calls that some architectures reach through one other call are together under its name. */
function rulesByCall(rules: readonly WeighedRule[]): ReadonlyMap<string, Rules> {
  const byCall = new Map<string, (readonly Condition[])[]>();
  const add = (name: string, conditions: readonly Condition[]): void => {
    const known = byCall.get(name);
    if (known === undefined) byCall.set(name, [conditions]);
    else known.push(conditions);
  };
  for (const { name, conditions } of rules) {
    add(name, conditions);
    const through = multiplexerOf(name);
    // The first argument then chooses the call.
    if (through !== undefined && conditions.length > 0) add(through.call, [...conditions.filter(notFirst), CHOICE]);
  }
  return byCall;
}

const notFirst = ({ index }: Condition): boolean => index > 0;
const CHOICE: Condition = { index: 0, operator: COMPARE.EQ, a: 0n, b: 0n };

const comparesSeveral = (conditions: readonly Condition[]): boolean => conditions.length > 1;

function mayCircle(rules: Rules): boolean {
  if (rules.length < 2 || !rules.some(comparesSeveral) || !rules.some((one) => one.some(isUnequal))) return false;
  if (rules.some(goesOnAfterBranch)) return true;
  return rules.filter(comparesSeveral).reduce((sum, { length }) => sum + length, 0) > MOST_OF_CALL;
}

/** libseccomp takes the arguments in their order. */
function goesOnAfterBranch(conditions: readonly Condition[]): boolean {
  const last = Math.max(...conditions.map(({ index }) => index));
  return conditions.some((one) => isUnequal(one) && one.index < last);
}
