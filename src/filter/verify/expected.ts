import type { ExpectedBy, RulePlace } from '../../model/filter/verification.js';
import { COMPARE } from '../build/plan.js';
import type { Condition } from '../build/plan.js';
import { callsOf, knownArchitecture } from '../inspect/calls.js';
import { RETURN } from '../simulate/actions.js';
import { conditionHolds, widthOf } from './conditions.js';
import type { Width } from './conditions.js';
import { multiplexerOf } from './multiplexed.js';
import type { PlacedRule, RuleSet } from './rules.js';

/** libseccomp's answer to an architecture that is not in the filter (SCMP_FLTATR_ACT_BADARCH). */
const BAD_ARCHITECTURE = RETURN.KILL_THREAD;
/** x32 has x86_64's architecture number and this bit in every call's number. */
const X32_BIT = 0x40000000;
/** A tracer sets this number to skip a call: no call of x32, although the bit is set (seccomp_attr_set(3), TSKIP). */
const SKIPPED = 0xffffffff;

/** One alternative of a rule for one number. */
export interface NumberRule {
  readonly action: number;
  readonly conditions: readonly Condition[];
  /** Whether it compares arguments that the number's call hides behind a pointer: it may match or not. */
  readonly hidden: boolean;
  readonly place: RulePlace;
}

/** What the rules say about one call. */
export interface Expected {
  readonly by: ExpectedBy;
  /** Every acceptable answer; more than one where rules overlap, or where one may match or not. */
  readonly answers: readonly number[];
  readonly rules: readonly RulePlace[];
  /** Rules with different actions match. */
  readonly overlaps: boolean;
  /** A rule may match or not. */
  readonly hidden: boolean;
}

/** One architecture of the rules. */
export interface Section {
  readonly name: string;
  readonly audit: number;
  readonly width: Width;
  /** Names by number. */
  readonly names: ReadonlyMap<number, string>;
  readonly rules: ReadonlyMap<number, readonly NumberRule[]>;
  /** Of all numbers with a rule; -1: there is none. */
  readonly highest: number;
}

/** Answers what a set of rules says of a call; no filter is involved. Throws `input` for an unknown architecture. */
export class Oracle {
  readonly sections: readonly Section[];

  constructor(private readonly ruleSet: RuleSet) {
    this.sections = ruleSet.architectures.map((name) => sectionOf(name, ruleSet.rules));
  }

  /** The section that a number of an architecture belongs to; `undefined`: it is not in the rules. */
  sectionOf(audit: number, nr: number): Section | undefined {
    const own = this.sections.filter((section) => section.audit === audit);
    if (nr === SKIPPED || own.every(({ name }) => name !== 'x86_64' && name !== 'x32')) return own[0];
    return own.find(({ name }) => name === (nr >= X32_BIT ? 'x32' : 'x86_64'));
  }

  expected(section: Section | undefined, nr: number, args: readonly bigint[]): Expected {
    if (section === undefined)
      return { by: 'architecture', answers: [BAD_ARCHITECTURE], rules: [], overlaps: false, hidden: false };
    const matching = (section.rules.get(nr) ?? []).filter(({ conditions }) =>
      conditions.every((condition) => conditionHolds(condition, args, section.width)),
    );
    const certain = matching.filter(({ hidden }) => !hidden);
    const actions = new Set(certain.map(({ action }) => action));
    const answers = new Set(actions.size === 0 ? [this.ruleSet.defaultAction] : actions);
    for (const { action } of matching) answers.add(action);
    return {
      by: matching.length === 0 ? 'default' : 'rule',
      answers: [...answers],
      rules: [...new Set(matching.map(({ place }) => place))],
      overlaps: actions.size > 1,
      hidden: answers.size > Math.max(1, actions.size),
    };
  }
}

function sectionOf(name: string, rules: readonly PlacedRule[]): Section {
  const calls = callsOf(name);
  const numbers = new Map(calls.map((call) => [call.name, call.nr]));
  const found = new Map<number, NumberRule[]>();
  for (const rule of rules) {
    for (const { nr, entry } of entriesOf(rule, numbers)) {
      const known = found.get(nr);
      if (known === undefined) found.set(nr, [entry]);
      else known.push(entry);
    }
  }
  return {
    name,
    audit: knownArchitecture(name).audit,
    width: widthOf(name),
    names: new Map(calls.map((call) => [call.nr, call.name])),
    rules: found,
    highest: Math.max(-1, ...found.keys()),
  };
}

/** A rule's alternatives by number: of the call itself, and of the call that it goes through. */
function entriesOf(
  { names, action, alternatives, place }: PlacedRule,
  numbers: ReadonlyMap<string, number>,
): readonly { readonly nr: number; readonly entry: NumberRule }[] {
  return names.flatMap((name) => {
    const own = numbers.get(name);
    const through = multiplexerOf(name);
    const shared = through === undefined ? undefined : numbers.get(through.call);
    return alternatives.flatMap((conditions) => [
      ...(own === undefined ? [] : [{ nr: own, entry: { action, conditions, hidden: false, place } }]),
      ...(shared === undefined || through === undefined
        ? []
        : [
            {
              nr: shared,
              entry: {
                action,
                conditions: [chosen(through.operation)],
                hidden: conditions.length > 0,
                place,
              },
            },
          ]),
    ]);
  });
}

const chosen = (operation: number): Condition => ({ index: 0, operator: COMPARE.EQ, a: BigInt(operation), b: 0n });
