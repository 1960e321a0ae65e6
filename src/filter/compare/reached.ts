import { calculate, holds } from '../simulate/arithmetic.js';
import { BPF } from '../simulate/bpf.js';
import { DATA_WORDS, WORD } from '../simulate/simulate.js';
import type { Instruction } from '../inspect/instructions.js';
import type { WordTest } from './cells.js';

/**
 * What a register may hold: a number, a word of seccomp_data under a mask, or something computed from the words of a
 * bit set.
 */
type Held = number | { readonly word: number; readonly mask: number } | { readonly words: number };

/** All that a register may hold at an instruction, by a key. */
type Holdings = ReadonlyMap<string, Held>;

interface State {
  readonly a: Holdings;
  readonly x: Holdings;
  readonly memory: readonly Holdings[];
}

/** The comparisons that a filter can make. */
export interface ReachedTests {
  /** By word of seccomp_data. */
  readonly tests: ReadonlyMap<number, readonly WordTest[]>;
  /** Words whose value decides in another way than through `tests`: computed with, or returned. */
  readonly clouded: ReadonlySet<number>;
}

const WHOLE = 0xffffffff;
/** A register that may hold more than this counts as computed. */
const MOST_HELD = 24;
const ZERO: Holdings = new Map([['0', 0]]);
const NOTHING_WRITTEN: readonly Holdings[] = Array.from({ length: 16 }, () => ZERO);

/**
 * The comparisons that a filter can make for the calls of an architecture, or of one number: one pass, which merges the
 * ways that meet, so it may find some that no call reaches, and misses none.
 */
export function testsReached(
  instructions: readonly Instruction[],
  known: { readonly arch?: number; readonly nr?: number },
): ReachedTests {
  const found = new Found();
  const states: (State | undefined)[] = [{ a: ZERO, x: ZERO, memory: NOTHING_WRITTEN }];
  instructions.forEach((instruction, at) => {
    const here = states[at];
    states[at] = undefined;
    if (here === undefined) return;
    if ((instruction.code & 0x07) === BPF.RET) {
      if (instruction.code === (BPF.RET | BPF.A)) found.cloud(here.a);
      return;
    }
    const next = stepped(instruction, here, { known, found });
    for (const jump of jumpsOf(instruction, here, found)) states[at + 1 + jump] = joined(states[at + 1 + jump], next);
  });
  return { tests: found.all(), clouded: found.clouded };
}

/** Collects comparisons. */
class Found {
  readonly clouded = new Set<number>();
  private readonly tests = new Map<number, Map<string, WordTest>>();

  compare(word: number, test: WordTest): void {
    const own = this.tests.get(word) ?? new Map<string, WordTest>();
    this.tests.set(word, own.set(`${test.mask} ${test.code & 0xf0} ${test.k}`, test));
  }

  cloud(holdings: Holdings): void {
    for (const held of holdings.values()) for (const word of wordsOf(held)) this.clouded.add(word);
  }

  all(): ReadonlyMap<number, readonly WordTest[]> {
    return new Map([...this.tests].map(([word, tests]) => [word, [...tests.values()]]));
  }
}

function stepped(
  { code, k }: Instruction,
  state: State,
  { known, found }: { readonly known: { readonly arch?: number; readonly nr?: number }; readonly found: Found },
): State {
  const { a, x, memory } = state;
  switch (code & 0x07) {
    case BPF.LD:
      return { ...state, a: loaded(code, k, memory, known) };
    case BPF.LDX:
      return { ...state, x: loaded(code, k, memory, known) };
    case BPF.ST:
      return { ...state, memory: memory.with(k, a) };
    case BPF.STX:
      return { ...state, memory: memory.with(k, x) };
    case BPF.ALU:
      // A divisor of 0 ends the filter.
      if (code === (BPF.ALU | BPF.DIV | BPF.X)) found.cloud(x);
      return { ...state, a: computed(code, a, (code & BPF.X) === 0 ? only(k) : x) };
    case BPF.MISC:
      return code === (BPF.MISC | BPF.TAX) ? { ...state, x: a } : { ...state, a: x };
    default:
      return state;
  }
}

function loaded(
  code: number,
  k: number,
  memory: readonly Holdings[],
  { arch, nr }: { readonly arch?: number; readonly nr?: number },
): Holdings {
  switch (code & 0xe0) {
    case BPF.IMM:
      return only(k);
    case BPF.MEM:
      return memory[k] ?? ZERO;
    case BPF.ABS: {
      const word = k / 4;
      if (word === WORD.NR && nr !== undefined) return only(nr >>> 0);
      if (word === WORD.ARCH && arch !== undefined) return only(arch);
      return only({ word, mask: WHOLE });
    }
    default:
      return only(DATA_WORDS * 4);
  }
}

function computed(code: number, a: Holdings, operands: Holdings): Holdings {
  const results: Held[] = [];
  for (const one of a.values()) for (const operand of operands.values()) results.push(result(code, one, operand));
  return holdingsOf(results);
}

function result(code: number, a: Held, operand: Held): Held {
  if (typeof a === 'number' && typeof operand === 'number') {
    // The filter ends at a division by 0; what would follow is never reached.
    return code === (BPF.ALU | BPF.DIV | BPF.X) && operand === 0 ? 0 : calculate(code, a, operand);
  }
  if (typeof a === 'object' && 'word' in a && typeof operand === 'number' && code === (BPF.ALU | BPF.AND | BPF.K)) {
    const mask = (a.mask & operand) >>> 0;
    return mask === 0 ? 0 : { word: a.word, mask };
  }
  return { words: bitsOf(a) | bitsOf(operand) };
}

function jumpsOf({ code, k, ifTrue, ifFalse }: Instruction, { a, x }: State, found: Found): readonly number[] {
  if ((code & 0x07) !== BPF.JMP) return [0];
  if (code === (BPF.JMP | BPF.JA)) return [k];
  const sides = new Set<number>();
  for (const one of a.values())
    for (const operand of (code & BPF.X) === 0 ? [k] : x.values()) {
      if (typeof one === 'number' && typeof operand === 'number') {
        sides.add(holds(code, one, operand) ? ifTrue : ifFalse);
        continue;
      }
      sides.add(ifTrue).add(ifFalse);
      if (typeof one === 'object' && 'word' in one && typeof operand === 'number')
        found.compare(one.word, { mask: one.mask, code, k: operand });
      else
        found.cloud(
          new Map([
            ['one', one],
            ['operand', operand],
          ]),
        );
    }
  return [...sides];
}

const keyOf = (held: Held): string =>
  typeof held === 'number' ? String(held) : 'word' in held ? `w${held.word} ${held.mask}` : `c${held.words}`;
const only = (held: Held): Holdings => new Map([[keyOf(held), held]]);
const bitsOf = (held: Held): number => (typeof held === 'number' ? 0 : 'word' in held ? 1 << held.word : held.words);
const wordsOf = (held: Held): readonly number[] =>
  Array.from({ length: DATA_WORDS }, (_, word) => word).filter((word) => (bitsOf(held) & (1 << word)) !== 0);

function holdingsOf(all: Iterable<Held>): Holdings {
  const found = new Map<string, Held>();
  for (const held of all) found.set(keyOf(held), held);
  if (found.size <= MOST_HELD) return found;
  let words = 0;
  for (const held of found.values()) words |= bitsOf(held);
  return only({ words });
}

function joined(one: State | undefined, other: State): State {
  if (one === undefined) return other;
  return {
    a: union(one.a, other.a),
    x: union(one.x, other.x),
    memory: one.memory === other.memory ? one.memory : one.memory.map((own, at) => union(own, other.memory[at] ?? own)),
  };
}

function union(one: Holdings, other: Holdings): Holdings {
  if (one === other || [...other.keys()].every((key) => one.has(key))) return one;
  return holdingsOf([...one.values(), ...other.values()]);
}
