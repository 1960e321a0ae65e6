import type { ArchitectureFacts } from '../../model/filter/inspection.js';
import { BPF } from '../simulate/bpf.js';
import type { Simulator } from '../simulate/simulate.js';
import { actionText } from '../simulate/verdict.js';
import { AUDIT_ARCH } from './architectures.js';
import { knownArchitectures } from './calls.js';
import { answersOf, heldAt, X32 } from './sections.js';
import type { NumberRange } from './sections.js';

const LOAD_ARCHITECTURE = { code: BPF.LD | BPF.W | BPF.ABS, k: 4 } as const;
const X32_BIT = 0x40000000;
const ALL_NUMBERS: NumberRange = { low: 0, high: 0xffffffff };

/** Which architectures a program knows, and what it answers to calls of x32 and of all others. */
export function architectureFacts({ instructions, order }: Simulator): ArchitectureFacts {
  const compared = new Set<number>();
  let isX32Told = false;
  heldAt(instructions, ({ code, k }, held) => {
    if (held === 'arch' && code === (BPF.JMP | BPF.JEQ | BPF.K)) compared.add(k);
    isX32Told ||= held === 'nr' && tellsX32Apart(code, k);
  });
  const names = new Map(knownArchitectures().map(({ name, audit }) => [audit, name]));
  names.set(AUDIT_ARCH.X86_64, 'x86_64');
  const textOf = (arch: number, range: NumberRange): readonly string[] =>
    [...new Set(answersOf(instructions, { arch, range }).map(actionText))].sort();
  const others = knownArchitectures().filter((one) => one.order === order && !compared.has(one.audit));
  return {
    checked: instructions.some(({ code, k }) => code === LOAD_ARCHITECTURE.code && k === LOAD_ARCHITECTURE.k),
    known: [...compared].map((audit) => names.get(audit) ?? `0x${audit.toString(16)}`),
    ...(compared.has(AUDIT_ARCH.X86_64)
      ? { x32: { toldApart: isX32Told, answers: textOf(AUDIT_ARCH.X86_64, X32) } }
      : {}),
    others: [...new Set(others.flatMap(({ audit }) => textOf(audit, ALL_NUMBERS)))].sort(),
  };
}

/** By the bit of x32, or by its numbers, which have it. */
function tellsX32Apart(code: number, k: number): boolean {
  switch (code) {
    case BPF.JMP | BPF.JEQ | BPF.K:
      return k >= X32.low && k <= X32.high;
    case BPF.JMP | BPF.JGE | BPF.K:
    case BPF.JMP | BPF.JSET | BPF.K:
    case BPF.ALU | BPF.AND | BPF.K:
      return k === X32_BIT;
    case BPF.JMP | BPF.JGT | BPF.K:
      return k === X32_BIT - 1;
    default:
      return false;
  }
}
