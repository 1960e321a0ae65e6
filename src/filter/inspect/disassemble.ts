import type { DisassembledLine } from '../../model/filter/inspection.js';
import type { ByteOrder } from '../../model/filter/simulation.js';
import { BPF } from '../simulate/bpf.js';
import { callsOf, knownArchitectures } from './calls.js';
import { heldAfter } from './sections.js';
import type { Simulator } from '../simulate/simulate.js';
import { actionText } from '../simulate/verdict.js';

/** What is known at an instruction: the content of A, and the architecture of the ways to it. */
interface Context {
  readonly held: 'arch' | 'nr' | 'other';
  /** AUDIT_ARCH_...; `undefined` = several or none. */
  readonly arch: number | undefined;
}

const COMPARISONS: Readonly<Record<number, string>> = {
  [BPF.JEQ]: 'jeq',
  [BPF.JGT]: 'jgt',
  [BPF.JGE]: 'jge',
  [BPF.JSET]: 'jset',
};
const ARITHMETIC: Readonly<Record<number, string>> = {
  [BPF.ADD]: 'add',
  [BPF.SUB]: 'sub',
  [BPF.MUL]: 'mul',
  [BPF.DIV]: 'div',
  [BPF.OR]: 'or',
  [BPF.AND]: 'and',
  [BPF.LSH]: 'lsh',
  [BPF.RSH]: 'rsh',
  [BPF.XOR]: 'xor',
  [BPF.NEG]: 'neg',
};
const X32_BIT = 0x40000000;

/**
 * A program as text, one line per instruction: fields of seccomp_data, architectures, system calls and actions by name,
 * jump targets by index.
 */
export function disassemble(filter: Simulator): readonly DisassembledLine[] {
  const names = namesByArchitecture(filter.order);
  const contexts: (Context | undefined)[] = [{ held: 'other', arch: undefined }];
  return filter.instructions.map((instruction, at): DisassembledLine => {
    const { code, k, ifTrue, ifFalse } = instruction;
    const here = contexts[at] ?? { held: 'other', arch: undefined };
    const lead = (jump: number, arch: number | undefined): number => {
      const to = at + 1 + jump;
      contexts[to] = joined(contexts[to], { held: heldAfter(instruction, here.held), arch });
      return to;
    };
    if ((code & 0x07) === BPF.RET) return { at, text: `ret ${code === (BPF.RET | BPF.A) ? 'A' : actionText(k)}` };
    if (code === (BPF.JMP | BPF.JA)) return { at, text: 'ja', target: lead(k, here.arch) };
    if ((code & 0x07) === BPF.JMP) {
      const isArchitecture = here.held === 'arch' && code === (BPF.JMP | BPF.JEQ | BPF.K);
      const otherwise = lead(ifFalse, here.arch);
      return {
        at,
        text: `${COMPARISONS[code & 0xf0] ?? ''} ${operandText(code, k, here, names)}`,
        target: lead(ifTrue, isArchitecture ? k : here.arch),
        otherwise,
      };
    }
    lead(0, here.arch);
    return { at, text: plainText(code, k, filter.order) };
  });
}

/** Ways of several architectures that meet belong to none. */
const joined = (one: Context | undefined, other: Context): Context =>
  one === undefined
    ? other
    : {
        held: one.held === other.held ? one.held : 'other',
        arch: one.arch === other.arch ? one.arch : undefined,
      };

type Names = ReadonlyMap<number, { readonly name: string; readonly call: (nr: number) => string | undefined }>;

function namesByArchitecture(order: ByteOrder): Names {
  return new Map(
    knownArchitectures()
      .filter((one) => one.order === order && one.name !== 'x32')
      .map(({ name, audit }) => {
        const table = (): ReadonlyMap<number, string> =>
          new Map([...callsOf(name), ...(name === 'x86_64' ? callsOf('x32') : [])].map((call) => [call.nr, call.name]));
        let known: ReadonlyMap<number, string> | undefined;
        return [audit, { name, call: (nr: number) => (known ??= table()).get(nr) }];
      }),
  );
}

function operandText(code: number, k: number, { held, arch }: Context, names: Names): string {
  if ((code & BPF.X) !== 0) return 'X';
  if (held === 'arch') return names.get(k)?.name ?? hex(k);
  if (held === 'nr' && k === X32_BIT) return hex(k);
  const call = held === 'nr' && arch !== undefined ? names.get(arch)?.call(k) : undefined;
  if (call !== undefined) return `${call} (${k >= X32_BIT ? `x32 ${k - X32_BIT}` : k})`;
  return held === 'nr' && k < X32_BIT ? String(k) : hex(k);
}

function plainText(code: number, k: number, order: ByteOrder): string {
  const register = (code & 0x07) === BPF.LDX || (code & 0x07) === BPF.STX ? 'x' : '';
  const operand = (code & BPF.X) === 0 ? hex(k) : 'X';
  switch (code & 0x07) {
    case BPF.LD:
    case BPF.LDX:
      return `ld${register} ${loadText(code, k, order)}`;
    case BPF.ST:
    case BPF.STX:
      return `st${register} M[${k}]`;
    case BPF.ALU:
      return [ARITHMETIC[code & 0xf0] ?? '', ...(code === (BPF.ALU | BPF.NEG) ? [] : [operand])].join(' ');
    default:
      return code === (BPF.MISC | BPF.TAX) ? 'tax' : 'txa';
  }
}

function loadText(code: number, k: number, order: ByteOrder): string {
  switch (code & 0xe0) {
    case BPF.IMM:
      return `#${hex(k)}`;
    case BPF.MEM:
      return `M[${k}]`;
    case BPF.ABS:
      return fieldText(k, order);
    default:
      return '#64, the size of seccomp_data';
  }
}

/** nr, arch, ip.lo, args[0].hi and so on. */
export function fieldText(offset: number, order: ByteOrder): string {
  if (offset === 0) return 'nr';
  if (offset === 4) return 'arch';
  const half = (offset % 8 === 0) === (order === 'little-endian') ? 'lo' : 'hi';
  return offset < 16 ? `ip.${half}` : `args[${Math.floor((offset - 16) / 8)}].${half}`;
}

const hex = (value: number): string => `0x${value.toString(16)}`;
