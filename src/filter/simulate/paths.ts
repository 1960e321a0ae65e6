import { calculate, holds } from './arithmetic.js';
import { BPF } from './bpf.js';
import { after, NOTHING_KNOWN, onlyValue } from './facts.js';
import type { WordFacts } from './facts.js';
import type { Instruction } from '../inspect/instructions.js';
import { DATA_WORDS, WORD } from './simulate.js';

/** Content of a register: a number, a word of seccomp_data under a mask, or something computed from such words. */
export type Value = number | { readonly word: number; readonly mask: number } | 'unknown';

/** One way through a filter for one number and architecture. */
export interface Path {
  /** What it returns; `null` = computed from the arguments. */
  readonly value: number | null;
  readonly instructions: number;
  /** Conditions of this way, by word of seccomp_data. */
  readonly facts: ReadonlyMap<number, WordFacts>;
}

interface State {
  at: number;
  instructions: number;
  a: Value;
  x: Value;
  /** Shared until written. */
  memory: readonly Value[];
  facts: ReadonlyMap<number, WordFacts>;
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
  const waiting: State[] = [{ at: 0, instructions: 0, a: 0, x: 0, memory: NOTHING_WRITTEN, facts: new Map() }];
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

const ended = ({ instructions, facts }: State, value: Value): Path => ({
  value: typeof value === 'number' ? value : null,
  instructions,
  facts,
});

function computed(state: State, { code, k }: Instruction, { waiting }: Walk): void {
  const operand = (code & BPF.X) === 0 ? k : state.x;
  // The way on which the unknown divisor is 0 ends here.
  if (code === (BPF.ALU | BPF.DIV | BPF.X) && typeof operand !== 'number')
    waiting.push({ ...state, at: state.at - 1, instructions: state.instructions - 1, x: 0 });
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
    const facts = factsAfter(state, { code, operand, result });
    return facts === null ? [] : [{ ...state, at: state.at + jump, facts }];
  });
  const [next, other] = sides;
  if (next === undefined) return false;
  if (other !== undefined) waiting.push(other);
  Object.assign(state, next);
  return true;
}

function factsAfter(
  { a, facts }: State,
  { code, operand, result }: { readonly code: number; readonly operand: Value; readonly result: boolean },
): ReadonlyMap<number, WordFacts> | null {
  if (typeof a !== 'object' || typeof operand !== 'number') return facts;
  const known = after(facts.get(a.word) ?? NOTHING_KNOWN, { code, mask: a.mask, k: operand, result });
  return known === null ? null : new Map(facts).set(a.word, known);
}
