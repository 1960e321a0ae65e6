import { holds } from './arithmetic.js';
import { BPF } from './bpf.js';
import { calculated } from './paths.js';
import type { Value } from './paths.js';
import type { Instruction } from '../inspect/instructions.js';
import { DATA_WORDS, WORD } from './simulate.js';

/** What all ways to an instruction have in common. */
interface Reached {
  readonly a: Value;
  readonly x: Value;
  readonly fewest: number;
  readonly most: number;
}

/** One answer and the number of instructions executed on the ways to it. */
export interface Bound {
  readonly value: number | null;
  readonly fewest: number;
  readonly most: number;
}

/**
 * For filters with too many ways to follow each: one pass, which merges the ways that meet at an instruction. Linear
 * in the length of the filter. The answers and numbers are bounds, because merged ways lose what distinguishes them.
 * Words of memory count as unknown.
 */
export function boundsOf(
  instructions: readonly Instruction[],
  call: { readonly arch: number; readonly nr: number },
): readonly Bound[] {
  const reached: (Reached | undefined)[] = [{ a: 0, x: 0, fewest: 0, most: 0 }];
  const bounds = new Map<number | null, Bound>();
  const end = (value: Value, { fewest, most }: Reached): void => {
    const key = typeof value === 'number' ? value : null;
    const known = bounds.get(key);
    bounds.set(key, {
      value: key,
      fewest: Math.min(fewest + 1, known?.fewest ?? Infinity),
      most: Math.max(most + 1, known?.most ?? 0),
    });
  };
  instructions.forEach((instruction, at) => {
    const here = reached[at];
    if (here === undefined) return;
    const { code, k } = instruction;
    const isDivision = code === (BPF.ALU | BPF.DIV | BPF.X);
    if ((code & 0x07) === BPF.RET) {
      end(code === (BPF.RET | BPF.A) ? here.a : k, here);
      return;
    }
    if (isDivision && (typeof here.x !== 'number' || here.x === 0)) end(0, here);
    if (isDivision && here.x === 0) return;
    const next = stepped(instruction, call, here);
    for (const jump of jumps(instruction, here)) reached[at + 1 + jump] = joined(reached[at + 1 + jump], next);
  });
  return [...bounds.values()];
}

function stepped(
  { code, k }: Instruction,
  call: { readonly arch: number; readonly nr: number },
  { a, x, fewest, most }: Reached,
): Reached {
  const count = { fewest: fewest + 1, most: most + 1 };
  switch (code & 0x07) {
    case BPF.LD:
      return { a: loaded(code, k, call), x, ...count };
    case BPF.LDX:
      return { a, x: loaded(code, k, call), ...count };
    case BPF.ALU:
      return { a: calculated(code, a, (code & BPF.X) === 0 ? k : x), x, ...count };
    case BPF.MISC:
      return code === (BPF.MISC | BPF.TAX) ? { a, x: a, ...count } : { a: x, x, ...count };
    default:
      return { a, x, ...count };
  }
}

function loaded(code: number, k: number, call: { readonly arch: number; readonly nr: number }): Value {
  switch (code & 0xe0) {
    case BPF.IMM:
      return k;
    case BPF.MEM:
      return 'unknown';
    case BPF.ABS:
      if (k / 4 === WORD.NR) return call.nr >>> 0;
      return k / 4 === WORD.ARCH ? call.arch : 'unknown';
    default:
      return DATA_WORDS * 4;
  }
}

function jumps({ code, k, ifTrue, ifFalse }: Instruction, { a, x }: Reached): readonly number[] {
  if ((code & 0x07) !== BPF.JMP) return [0];
  if (code === (BPF.JMP | BPF.JA)) return [k];
  const operand = (code & BPF.X) === 0 ? k : x;
  if (typeof a !== 'number' || typeof operand !== 'number') return [ifTrue, ifFalse];
  return [holds(code, a, operand) ? ifTrue : ifFalse];
}

function joined(one: Reached | undefined, other: Reached): Reached {
  if (one === undefined) return other;
  return {
    a: one.a === other.a ? one.a : 'unknown',
    x: one.x === other.x ? one.x : 'unknown',
    fewest: Math.min(one.fewest, other.fewest),
    most: Math.max(one.most, other.most),
  };
}
