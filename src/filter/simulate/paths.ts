import { calculate, holds } from './arithmetic.js';
import { BPF } from './bpf.js';
import { after, NOTHING_KNOWN, onlyValue } from './facts.js';
import type { WordFacts } from './facts.js';
import type { Instruction } from '../inspect/instructions.js';
import { DATA_WORDS, WORD } from './simulate.js';

/** Content of a register: a number, a word of seccomp_data under a mask, or something computed from such words. */
export type Value = number | { readonly word: number; readonly mask: number } | 'unknown';

/** The result of a comparison of `word & mask` with `k` on a way; `code` is that of the jump. */
export interface Condition {
  readonly word: number;
  readonly mask: number;
  readonly code: number;
  readonly k: number;
  readonly result: boolean;
}

/** The conditions of a way, the last one first: ways share their beginnings. */
export interface Conditions {
  readonly last: Condition;
  readonly before: Conditions | null;
}

/** One way through a filter for one number and architecture. */
export interface Path {
  /** What it returns; `null` = computed from the arguments. */
  readonly value: number | null;
  readonly instructions: number;
  /** Conditions of this way, by word of seccomp_data. */
  readonly facts: ReadonlyMap<number, WordFacts>;
  /** The comparisons of words that were made on this way. */
  readonly conditions: Conditions | null;
  /**
   * Whether exactly the calls that meet all `conditions` take this way: nothing computed was compared or divided by.
   */
  readonly isExact: boolean;
}

interface State {
  at: number;
  instructions: number;
  a: Value;
  x: Value;
  /** Shared until written. */
  memory: readonly Value[];
  facts: ReadonlyMap<number, WordFacts>;
  conditions: Conditions | null;
  isExact: boolean;
}

/** Steps left: an instruction costs 1, a comparison also the number of facts known about its word. */
export interface Budget {
  steps: number;
}

const WHOLE = 0xffffffff;
const NOTHING_WRITTEN: readonly Value[] = Array.from({ length: 16 }, () => 0);

/**
 * All ways through a filter for one system call, arguments unknown: both sides of a comparison are followed where both
 * are possible. `null` where there are more than `budget` allows (filters other than a compiler's may have
 * exponentially many).
 */
export function pathsThrough(
  instructions: readonly Instruction[],
  call: { readonly arch: number; readonly nr: number },
  budget: Budget,
): readonly Path[] | null {
  const paths: Path[] = [];
  const registers = { a: 0, x: 0, memory: NOTHING_WRITTEN };
  const waiting: State[] = [
    { at: 0, instructions: 0, ...registers, facts: new Map(), conditions: null, isExact: true },
  ];
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    const path = follow(instructions, { call, waiting, budget }, state);
    if (path !== undefined) paths.push(path);
    if (budget.steps < 0) return null;
  }
  return paths;
}

/** What the ways of one call share. */
interface Walk {
  readonly call: { readonly arch: number; readonly nr: number };
  readonly waiting: State[];
  readonly budget: Budget;
}

/** Follows one way to its end and leaves the other sides of comparisons in `waiting`. */
function follow(instructions: readonly Instruction[], walk: Walk, state: State): Path | undefined {
  for (;;) {
    walk.budget.steps -= 1;
    const instruction = instructions[state.at];
    if (walk.budget.steps < 0 || instruction === undefined) return undefined;
    const { code, k } = instruction;
    state.at += 1;
    state.instructions += 1;
    switch (code & 0x07) {
      case BPF.RET:
        return ended(state, code === (BPF.RET | BPF.A) ? state.a : k);
      case BPF.JMP:
        if (code === (BPF.JMP | BPF.JA)) state.at += k;
        else if (!branch(state, instruction, walk)) return undefined;
        break;
      case BPF.ALU:
        if (code === (BPF.ALU | BPF.DIV | BPF.X) && state.x === 0) return ended(state, 0);
        computed(state, instruction, walk);
        break;
      default:
        moved(state, instruction, walk.call);
    }
  }
}

const ended = ({ instructions, facts, conditions, isExact }: State, value: Value): Path => ({
  value: typeof value === 'number' ? value : null,
  instructions,
  facts,
  conditions,
  isExact: isExact && typeof value === 'number',
});

function computed(state: State, { code, k }: Instruction, { waiting }: Walk): void {
  const operand = (code & BPF.X) === 0 ? k : state.x;
  // The way on which the unknown divisor is 0 ends here.
  if (code === (BPF.ALU | BPF.DIV | BPF.X) && typeof operand !== 'number') {
    state.isExact = false;
    waiting.push({ ...state, at: state.at - 1, instructions: state.instructions - 1, x: 0 });
  }
  state.a = calculated(code, state.a, operand);
}

/** Loads, stores and moves between registers. */
function moved(state: State, instruction: Instruction, call: Walk['call']): void {
  const { code, k } = instruction;
  switch (code & 0x07) {
    case BPF.LD:
      state.a = loaded(instruction, call, state);
      break;
    case BPF.LDX:
      state.x = loaded(instruction, call, state);
      break;
    case BPF.ST:
      state.memory = state.memory.with(k, state.a);
      break;
    case BPF.STX:
      state.memory = state.memory.with(k, state.x);
      break;
    default:
      if (code === (BPF.MISC | BPF.TAX)) state.x = state.a;
      else state.a = state.x;
  }
}

function loaded(
  { code, k }: Instruction,
  call: { readonly arch: number; readonly nr: number },
  { memory, facts }: State,
): Value {
  switch (code & 0xe0) {
    case BPF.IMM:
      return k;
    case BPF.MEM:
      return memory[k] ?? 0;
    case BPF.ABS: {
      const word = k / 4;
      if (word === WORD.NR) return call.nr >>> 0;
      if (word === WORD.ARCH) return call.arch;
      return onlyValue(facts.get(word) ?? NOTHING_KNOWN) ?? { word, mask: WHOLE };
    }
    default:
      return DATA_WORDS * 4;
  }
}

export function calculated(code: number, a: Value, operand: Value): Value {
  if (typeof operand !== 'number') return 'unknown';
  if (typeof a === 'number') return calculate(code, a, operand);
  if (a === 'unknown' || code !== (BPF.ALU | BPF.AND | BPF.K)) return 'unknown';
  const mask = (a.mask & operand) >>> 0;
  return mask === 0 ? 0 : { word: a.word, mask };
}

/** Takes one side and leaves the other in `waiting`; `false` where neither is possible. */
function branch(state: State, { code, k, ifTrue, ifFalse }: Instruction, { waiting, budget }: Walk): boolean {
  const operand = (code & BPF.X) === 0 ? k : state.x;
  const { a } = state;
  if (typeof a === 'number' && typeof operand === 'number') {
    state.at += holds(code, a, operand) ? ifTrue : ifFalse;
    return true;
  }
  budget.steps -= state.facts.size + (typeof a === 'object' ? (state.facts.get(a.word)?.excluded.length ?? 0) : 0);
  const sides = [
    { result: false, jump: ifFalse },
    { result: true, jump: ifTrue },
  ].flatMap(({ result, jump }): State[] => {
    const known = knownAfter(state, { code, operand, result });
    return known === null ? [] : [{ ...state, at: state.at + jump, ...known }];
  });
  const [next, other] = sides;
  if (next === undefined) return false;
  if (other !== undefined) waiting.push(other);
  Object.assign(state, next);
  return true;
}

function knownAfter(
  { a, facts, conditions, isExact }: State,
  { code, operand, result }: { readonly code: number; readonly operand: Value; readonly result: boolean },
): Pick<State, 'facts' | 'conditions' | 'isExact'> | null {
  if (typeof a !== 'object' || typeof operand !== 'number') return { facts, conditions, isExact: false };
  const condition = { word: a.word, mask: a.mask, code, k: operand, result };
  const known = after(facts.get(a.word) ?? NOTHING_KNOWN, condition);
  return known === null
    ? null
    : { facts: new Map(facts).set(a.word, known), conditions: { last: condition, before: conditions }, isExact };
}
