import type { SectionFacts } from '../../model/filter/inspection.js';
import { BPF } from '../simulate/bpf.js';
import type { KnownArchitecture } from './calls.js';
import type { Instruction } from './instructions.js';

/** Content of the register A, as far as it matters here. */
type Held = 'arch' | 'nr' | 'other';

/** About all ways to an instruction. */
interface Reached {
  readonly held: Held;
  readonly longest: number;
  readonly jumps: number;
}

/** Numbers that calls of an architecture can have: those of x32 have its bit set, all others are below it. */
export interface NumberRange {
  readonly low: number;
  readonly high: number;
}

const MOST_UINT32 = 0xffffffff;
const LOAD = BPF.LD | BPF.W | BPF.ABS;
const OFFSETS: Readonly<Record<number, Held>> = { 0: 'nr', 4: 'arch' };
export const X32: NumberRange = { low: 0x40000000, high: 0x7fffffff };
const ORDINARY: NumberRange = { low: 0, high: 0x3fffffff };

/**
 * The part of a program that calls of one architecture can reach, and its longest way. Arguments and exact numbers are
 * unknown, so both sides of their comparisons count. An architecture without a section reaches only the refusal.
 */
export function sectionFacts(instructions: readonly Instruction[], architecture: KnownArchitecture): SectionFacts {
  const range = architecture.name === 'x32' ? X32 : ORDINARY;
  return {
    arch: architecture.name,
    ...reach(instructions, (instruction, held) => sidesOf(instruction, held, { arch: architecture.audit, range })),
  };
}

/** What the register A holds at every instruction that a call can reach. */
export function heldAt(
  instructions: readonly Instruction[],
  visit: (instruction: Instruction, held: 'arch' | 'nr' | 'other') => void,
): void {
  reach(instructions, ({ ifTrue, ifFalse }) => [ifTrue, ifFalse], visit);
}

/** The longest way through a program, regardless of the call. */
export function depthOf(instructions: readonly Instruction[]): Omit<SectionFacts, 'arch' | 'instructions'> {
  const { longest, jumpDepth } = reach(instructions, ({ ifTrue, ifFalse }) => [ifTrue, ifFalse]);
  return { longest, jumpDepth };
}

/**
 * Every answer that calls of an architecture (seccomp_data.arch) with numbers in a range can get; `null` stands for a
 * computed one. Ways that no call can take may be among them.
 */
export function answersOf(
  instructions: readonly Instruction[],
  calls: { readonly arch: number; readonly range: NumberRange },
): readonly (number | null)[] {
  const answers = new Set<number | null>();
  reach(
    instructions,
    (instruction, held) => sidesOf(instruction, held, calls),
    ({ code, k }) => {
      if ((code & 0x07) === BPF.RET) answers.add(code === (BPF.RET | BPF.A) ? null : k);
      // A division by an X of 0 ends the filter with 0.
      else if (code === (BPF.ALU | BPF.DIV | BPF.X)) answers.add(0);
    },
  );
  return [...answers];
}

function reach(
  instructions: readonly Instruction[],
  sides: (instruction: Instruction, held: Held) => readonly number[],
  visit: (instruction: Instruction, held: Held) => void = () => undefined,
): Omit<SectionFacts, 'arch'> {
  const reached: (Reached | undefined)[] = [{ held: 'other', longest: 0, jumps: 0 }];
  let [count, longest, jumpDepth] = [0, 0, 0];
  instructions.forEach((instruction, at) => {
    const here = reached[at];
    if (here === undefined) return;
    count += 1;
    visit(instruction, here.held);
    const isJump = (instruction.code & 0x07) === BPF.JMP;
    const next = {
      held: heldAfter(instruction, here.held),
      longest: here.longest + 1,
      jumps: here.jumps + Number(isJump),
    };
    if ((instruction.code & 0x07) === BPF.RET) {
      longest = Math.max(longest, next.longest);
      jumpDepth = Math.max(jumpDepth, next.jumps);
      return;
    }
    for (const jump of targets(instruction, sides(instruction, here.held)))
      reached[at + 1 + jump] = joined(reached[at + 1 + jump], next);
  });
  return { instructions: count, longest, jumpDepth };
}

function targets({ code, k }: Instruction, sides: readonly number[]): readonly number[] {
  if ((code & 0x07) !== BPF.JMP) return [0];
  return code === (BPF.JMP | BPF.JA) ? [k] : sides;
}

export function heldAfter({ code, k }: Instruction, held: Held): Held {
  switch (code & 0x07) {
    case BPF.LD:
      return (code === LOAD ? OFFSETS[k] : undefined) ?? 'other';
    case BPF.ALU:
      return 'other';
    case BPF.MISC:
      return code === (BPF.MISC | BPF.TXA) ? 'other' : held;
    default:
      return held;
  }
}

const joined = (one: Reached | undefined, other: Reached): Reached =>
  one === undefined
    ? other
    : {
        held: one.held === other.held ? one.held : 'other',
        longest: Math.max(one.longest, other.longest),
        jumps: Math.max(one.jumps, other.jumps),
      };

/** The sides of a comparison that the architecture's calls can take. */
function sidesOf(
  { code, k, ifTrue, ifFalse }: Instruction,
  held: Held,
  { arch, range }: { readonly arch: number; readonly range: NumberRange },
): readonly number[] {
  const possible = (low: boolean, high: boolean): readonly number[] =>
    low === high ? [low ? ifTrue : ifFalse] : [ifTrue, ifFalse];
  if (held === 'other' || (code & BPF.X) !== 0) return [ifTrue, ifFalse];
  const { low, high } = held === 'arch' ? { low: arch, high: arch } : range;
  switch (code & 0xf0) {
    case BPF.JEQ:
      if (k < low || k > high) return [ifFalse];
      return low === high ? [ifTrue] : [ifTrue, ifFalse];
    case BPF.JGT:
      return possible(low > k, high > k);
    case BPF.JGE:
      return possible(low >= k, high >= k);
    default:
      return testedSides({ ifTrue, ifFalse, k }, { low, high });
  }
}

/** Bits above the highest one in which the ends of a range differ are the same in all of it. */
function testedSides(
  { ifTrue, ifFalse, k }: Pick<Instruction, 'ifTrue' | 'ifFalse' | 'k'>,
  { low, high }: NumberRange,
): readonly number[] {
  const same = (BigInt(MOST_UINT32) << BigInt(32 - Math.clz32(low ^ high))) & BigInt(MOST_UINT32);
  const [bits, set] = [BigInt(k), BigInt(low) & same];
  if ((set & bits) !== 0n) return [ifTrue];
  return (bits & ~same) === 0n ? [ifFalse] : [ifTrue, ifFalse];
}
