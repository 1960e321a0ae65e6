import type { SystemCall } from '../../model/filter/simulation.js';
import { executeAll } from '../simulate/survey.js';
import { DATA_WORDS, WORD } from '../simulate/simulate.js';
import { testsReached } from './reached.js';
import { callWith } from './regions.js';
import type { Effort, Sides } from './regions.js';

/** Calls tried where not all arguments can be accounted for. */
const MOST_TRIES = 4000;
const FEWEST_TRIES = 64;
/** Each call takes at most this part of what is left. */
const PART = 50;
/** Values tried of one word. */
const MOST_VALUES = 512;
const MOST = 0xffffffff;

/** A call that was run through both sides. */
export interface Sample {
  readonly before: number;
  readonly after: number;
  readonly lengthBefore: number;
  readonly lengthAfter: number;
  readonly example: SystemCall;
}

/**
 * Runs calls with the values at the edges of all comparisons: one word after the other, then all words at random (the
 * same ones in every run).
 */
export function samplesOf(
  sides: Sides,
  call: { readonly arch: number; readonly nr: number },
  effort: Effort,
): readonly Sample[] {
  const tries = Math.max(FEWEST_TRIES, Math.min(MOST_TRIES, Math.floor(effort.samples / PART)));
  effort.samples -= tries;
  const values = edgesOf(sides, call);
  const random = generator(call.nr);
  const pick = (list: readonly number[]): number => list[random() % list.length] ?? 0;
  const single = [...values].flatMap(([word, own]) =>
    own.map((value) => callWith(call, sides, (at) => (at === word ? value : 0))),
  );
  const mixed = Array.from({ length: Math.max(0, tries - single.length) }, () =>
    callWith(call, sides, (word) => {
      const own = values.get(word);
      return own === undefined ? 0 : random() % 8 === 0 ? random() : pick(own);
    }),
  );
  return [...single.slice(0, tries), ...mixed].map((example) => {
    const [before, after] = [executeAll(sides.before, example), executeAll(sides.after, example)];
    return {
      before: before.value,
      after: after.value,
      lengthBefore: before.instructions,
      lengthAfter: after.instructions,
      example,
    };
  });
}

/** Values next to every constant that a word is compared with; also of words that are only computed with. */
function edgesOf({ before, after }: Sides, call: { readonly arch: number; readonly nr: number }) {
  const reached = [...before, ...after].map(({ instructions }) => testsReached(instructions, call));
  const constants = [...before, ...after].flatMap(({ instructions }) => instructions.map(({ k }) => k));
  const edges = new Map<number, readonly number[]>();
  for (let word: number = WORD.POINTER; word < DATA_WORDS; word += 1) {
    const tests = reached.flatMap((one) => one.tests.get(word) ?? []);
    const isClouded = reached.some(({ clouded }) => clouded.has(word));
    if (tests.length === 0 && !isClouded) continue;
    const centres = [...tests.flatMap(({ k, mask }) => [k, mask]), ...(isClouded ? constants : [])];
    const own = new Set([0, 1, MOST, ...centres.flatMap((k) => [k, k - 1, k + 1, ~k])].map((value) => value >>> 0));
    edges.set(word, [...own].slice(0, MOST_VALUES));
  }
  return edges;
}

/** Numbers that look random (xorshift32), the same ones for the same start. */
function generator(start: number): () => number {
  let state = (start ^ 0x9e3779b9) >>> 0 || 1;
  return () => {
    state = (state ^ (state << 13)) >>> 0;
    state = (state ^ (state >>> 17)) >>> 0;
    state = (state ^ (state << 5)) >>> 0;
    return state;
  };
}
