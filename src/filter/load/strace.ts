import { BenchError } from '../../errors.js';
import type { FilterFacts } from '../../model/run/evidence.js';
import { RETURN } from '../simulate/actions.js';
import { BPF } from '../simulate/bpf.js';
import { encodeProgram, filterFacts } from '../inspect/program.js';
import type { Instruction } from '../inspect/program.js';

/**
 * A loading call: the process it is of (`[pid N]` or `N` at the start of the line), the program, and what follows it.
 */
const LOADING_CALL =
  /^(?:\[pid +(\d+)\] |(\d+) +)?(?:seccomp\(SECCOMP_SET_MODE_FILTER,|prctl\(PR_SET_SECCOMP, SECCOMP_MODE_FILTER,)[^{]*\{len=(\d+), filter=(\[[^\]]*\]|[^,}]*)\}(.*)$/;
const RESULT = /\) += (-?\d+)/;
const INSTRUCTION = /BPF_(?:STMT|JUMP)\(([^,()]+), ([^,()]+)(?:, ([^,()]+), ([^,()]+))?\)/g;
const CODE_BITS: ReadonlyMap<string, number> = new Map(
  Object.entries(BPF).map(([name, bits]) => [`BPF_${name}`, bits]),
);
const RETURN_BITS: ReadonlyMap<string, number> = new Map(
  [...Object.entries(RETURN), ['KILL', RETURN.KILL_THREAD] as const].map(([name, bits]) => [
    `SECCOMP_RET_${name}`,
    bits,
  ]),
);

/** {@link parseStracePrograms}, told by length and hash. */
export const parseStraceFilters = (text: string): FilterFacts[] => parseStracePrograms(text).map(filterFacts);

/**
 * The programs loaded in the output of `strace -f -v -e trace=prctl,seccomp`, in order; calls that failed loaded
 * nothing and are not among them.
 * Throws `runFailed` for a program that is not printed whole: part of one would have the wrong hash.
 */
export function parseStracePrograms(text: string): Buffer[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const [, bracketed, plain, length = '', list = '', rest = ''] = LOADING_CALL.exec(line) ?? [];
    if (length === '') return [];
    const ending = rest.includes('<unfinished') ? resumedLine(lines.slice(index + 1), bracketed ?? plain ?? '') : rest;
    return Number(RESULT.exec(ending)?.[1] ?? -1) >= 0 ? [programOf(Number(length), list)] : [];
  });
}

/**
 * Where another process's line came between a call and its result: the next line of the same process that has the
 * result.
 */
function resumedLine(lines: readonly string[], pid: string): string {
  const resumed = new RegExp(`^(?:\\[pid +${pid}\\] |${pid} +)?<\\.\\.\\. (?:seccomp|prctl) resumed>`);
  return lines.find((line) => resumed.test(line)) ?? '';
}

function programOf(length: number, list: string): Buffer {
  const instructions = [...list.matchAll(INSTRUCTION)].map(
    ([, code = '', k = '', ifTrue = '0', ifFalse = '0']): Instruction => ({
      code: sum(code, CODE_BITS),
      k: sum(k, RETURN_BITS),
      ifTrue: sum(ifTrue, RETURN_BITS),
      ifFalse: sum(ifFalse, RETURN_BITS),
    }),
  );
  if (instructions.length !== length) {
    throw new BenchError('runFailed', `Expected strace to print ${length} instructions, got ${instructions.length}`, {
      hint: 'Run strace with -v, which prints programs whole.',
    });
  }
  return encodeProgram(instructions);
}

/** "BPF_JMP|BPF_K|BPF_JEQ", "SECCOMP_RET_ERRNO|0x1", "0x15", "7". */
function sum(expression: string, names: ReadonlyMap<string, number>): number {
  return expression.split('|').reduce((total, part) => {
    const value = names.get(part.trim()) ?? Number(part);
    if (!Number.isSafeInteger(value))
      throw new BenchError('runFailed', `Expected a BPF constant in strace's output, got ${JSON.stringify(part)}`, {
        hint: 'This strace is newer than this program; please report its version.',
      });
    return total + value;
  }, 0);
}
