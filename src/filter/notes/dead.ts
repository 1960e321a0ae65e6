import type { Note } from '../../model/filter/notes.js';
import type { Stated, StatedCondition, StatedName, StatedRule } from './stated.js';
import { answerText, listed, passes, placeOf } from './texts.js';
import { holdsAlways, isWithin, valuesOf } from './values.js';
import type { Values } from './values.js';

/** One alternative of a rule for one call: all of its comparisons have to hold; none: any arguments. */
interface Alternative {
  readonly rule: StatedRule;
  readonly name: StatedName;
  /** By argument; `null`: not understood, so nothing is said about it. */
  readonly values: ReadonlyMap<number, Values> | null;
}

/** Names of one rule that another makes dead. */
interface Dead {
  readonly rule: StatedRule;
  readonly winner: StatedRule;
  readonly isConditional: boolean;
  readonly names: StatedName[];
}

/**
 * Rules that change no answer, because libseccomp lets another win: the first rule without comparisons for a call, over
 * all others for it; and of two rules with one action, the one whose comparisons take in the other's.
 */
export function deadRules({ file, rules, defaultWord, form }: Stated): readonly Note[] {
  const dead = new Map<string, Dead>();
  for (const alternatives of byCall(rules, defaultWord, form).values()) {
    if (alternatives.length < 2) continue;
    for (const { rule, winner, name, isConditional } of deadAmong(alternatives)) {
      const key = `${rule.path} ${winner.path} ${isConditional}`;
      const group = dead.get(key) ?? { rule, winner, isConditional, names: [] };
      group.names.push(name);
      dead.set(key, group);
    }
  }
  return [...dead.values()].map((group) => deadNote(group, file));
}

function deadNote({ rule, winner, names, isConditional }: Dead, file: string): Note {
  const first = names[0]?.name ?? '';
  const isWeaker = passes(winner.word) && (isConditional || !passes(rule.word));
  return {
    code: 'dead-rule',
    kind: isWeaker ? 'security' : 'useless',
    file,
    path: placeOf(names, rule),
    subject: listed(names.map(({ name }) => name)),
    detail: {
      winner: winner.names.find(({ name }) => name === first)?.path ?? winner.path,
      action: answerText(rule.word, rule.action),
      winnerAction: answerText(winner.word, winner.action),
      reason: isConditional ? 'by number' : rule.conditions.length === 0 ? 'repeated' : 'within',
    },
  };
}

/** Rules with the default action are left out by runtimes, so they win over nothing. */
function byCall(
  rules: readonly StatedRule[],
  defaultWord: number | undefined,
  form: Stated['form'],
): ReadonlyMap<string, readonly Alternative[]> {
  const calls = new Map<string, Alternative[]>();
  for (const rule of rules) {
    if (rule.word === undefined || rule.word === defaultWord) continue;
    const alternatives = alternativesOf(rule, form);
    for (const name of rule.names) {
      const key = `${rule.section} ${name.name}`;
      const known = calls.get(key) ?? [];
      known.push(...alternatives.map((values) => ({ rule, name, values })));
      calls.set(key, known);
    }
  }
  return calls;
}

/** As runtimes read them: a rule that compares one argument twice becomes a rule for each comparison. */
function alternativesOf({ conditions }: StatedRule, form: Stated['form']): readonly Alternative['values'][] {
  const isRepeated = new Set(conditions.map(({ index }) => index)).size < conditions.length;
  if (isRepeated && form !== 'oci') return [null];
  return isRepeated ? conditions.map((one) => together([one])) : [together(conditions)];
}

/** Comparisons with a mask of 0 are none for libseccomp. */
function together(conditions: readonly StatedCondition[]): Alternative['values'] {
  const values = new Map<number, Values>();
  for (const condition of conditions) {
    const one = valuesOf(condition);
    if (one === undefined) return null;
    if (one.kind !== 'masked' || one.mask !== 0n) values.set(condition.index, one);
  }
  return values;
}

interface DeadName extends Omit<Dead, 'names'> {
  readonly name: StatedName;
}

function deadAmong(alternatives: readonly Alternative[]): readonly DeadName[] {
  const first = alternatives.find(({ values }) => values !== null && values.size === 0);
  if (first !== undefined)
    return alternatives.flatMap((one) => {
      const isConditional = one.rule.conditions.length > 0;
      // One rule for two kinds of container, or one rule in two lists, is no mistake.
      const isHarmless =
        !isConditional && one.rule.word === first.rule.word && (one.rule.isOptional || first.rule.isOptional);
      const isWinner = one === first || (one.rule === first.rule && one.name === first.name);
      return isWinner || isHarmless ? [] : [{ rule: one.rule, winner: first.rule, name: one.name, isConditional }];
    });
  // With other actions in between, the narrower rule may be the one that decides.
  if (new Set(alternatives.map(({ rule }) => rule.word)).size > 1) return [];
  return [...new Set(alternatives.map(({ rule }) => rule))].flatMap((rule) => {
    const own = alternatives.filter((one) => one.rule === rule);
    const winner = alternatives.find(
      (other) => other.rule !== rule && own.every((one) => covers(other, one, alternatives)),
    );
    const [one] = own;
    return winner === undefined || one === undefined
      ? []
      : [{ rule, winner: winner.rule, name: one.name, isConditional: false }];
  });
}

/** Of two equal ones the first stays. */
function covers(broad: Alternative, narrow: Alternative, order: readonly Alternative[]): boolean {
  if (broad.rule.isOptional || narrow.rule.isOptional) return false;
  if (!takesIn(broad, narrow)) return false;
  return !takesIn(narrow, broad) || order.indexOf(broad) < order.indexOf(narrow);
}

function takesIn({ values: broad }: Alternative, { values: narrow }: Alternative): boolean {
  if (broad === null || narrow === null) return false;
  return [...broad].every(([index, values]) => {
    const own = narrow.get(index);
    return own === undefined ? holdsAlways(values) : isWithin(own, values);
  });
}
