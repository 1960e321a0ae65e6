import { BenchError } from '../../errors.js';
import type { FilterFacts } from '../../model/run/evidence.js';
import { RETURN } from '../simulate/actions.js';
import { BPF } from '../simulate/bpf.js';
import { encodeFilter, filterFacts } from '../inspect/instructions.js';
import type { Instruction } from '../inspect/instructions.js';

/** A call that loads a filter: its process (`[pid N]` or `N` at the start of the line), the filter, and the rest. */
const LOADING_CALL = new RegExp(
  [
    /^(?:\[pid +(\d+)\] |(\d+) +)?/,
    /(?:seccomp\(SECCOMP_SET_MODE_FILTER,|prctl\(PR_SET_SECCOMP, SECCOMP_MODE_FILTER,)/,
    /[^{]*\{len=(\d+), filter=(\[[^\]]*\]|[^,}]*)\}(.*)$/,
  ]
    .map(({ source }) => source)
    .join(''),
);
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

/** Like {@link parseStracePrograms}, with length and hash in place of the bytes. */
export const parseStraceFilters = (text: string): FilterFacts[] => parseStracePrograms(text).map(filterFacts);

/**
 * The filters that were loaded according to the output of `strace -f -v -e trace=prctl,seccomp`, in order, without
 * calls that failed. Throws `runFailed` for a filter that is printed in part: its hash would be wrong.
 */
export function parseStracePrograms(text: string): Buffer[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const [, bracketed, plain, length = '', list = '', rest = ''] = LOADING_CALL.exec(line) ?? [];
    if (length === '') return [];
    const ending = rest.includes('<unfinished') ? resumedLine(lines.slice(index + 1), bracketed ?? plain ?? '') : rest;
    return Number(RESULT.exec(ending)?.[1] ?? -1) >= 0 ? [filterOf(Number(length), list)] : [];
  });
}

/**
 * The rest of a call whose result comes after lines of other processes: the next line of the same process that has it.
 */
function resumedLine(lines: readonly string[], pid: string): string {
  const resumed = new RegExp(`^(?:\\[pid +${pid}\\] |${pid} +)?<\\.\\.\\. (?:seccomp|prctl) resumed>`);
  return lines.find((line) => resumed.test(line)) ?? '';
}

function filterOf(length: number, list: string): Buffer {
  const instructions = [...list.matchAll(INSTRUCTION)].map(
    ([, code = '', k = '', ifTrue = '0', ifFalse = '0']): Instruction => ({
      code: sum(code, CODE_BITS),
      k: sum(k, RETURN_BITS),
      ifTrue: sum(ifTrue, RETURN_BITS),
      ifFalse: sum(ifFalse, RETURN_BITS),
    }),
  );
  if (instructions.length !== length) {
    const message = `strace printed ${instructions.length} of ${length} instructions`;
    throw new BenchError('runFailed', message, {
      hint: 'Run strace with -v, which prints whole filters.',
    });
  }
  return encodeFilter(instructions);
}

/** "BPF_JMP|BPF_K|BPF_JEQ", "SECCOMP_RET_ERRNO|0x1", "0x15", "7". */
function sum(expression: string, names: ReadonlyMap<string, number>): number {
  return expression.split('|').reduce((total, part) => {
    const value = names.get(part.trim()) ?? Number(part);
    if (!Number.isSafeInteger(value))
      throw new BenchError('runFailed', `unknown BPF constant in the output of strace: ${part}`, {
        hint: 'This strace is newer than this version of bench. Please report the version of strace.',
      });
    return total + value;
  }, 0);
}
