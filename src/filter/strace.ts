import { BenchError } from '../errors.js';
import type { FilterFacts } from '../model/evidence.js';
import { RETURN } from './actions.js';
import { BPF } from './bpf.js';
import { encodeProgram, filterFacts } from './program.js';
import type { Instruction } from './program.js';

/** A loading call, whole: `... {len=N, filter=[...]}) = RESULT`. Results below 0 loaded nothing. */
const LOADING_CALL = /(?:seccomp\(SECCOMP_SET_MODE_FILTER,|prctl\(PR_SET_SECCOMP, SECCOMP_MODE_FILTER,)[^{]*\{len=(\d+), filter=(\[[^\]]*\]|[^,}]*)\}\)?(.*)/g;
const RESUMED = /^\s*<unfinished/;
const INSTRUCTION = /BPF_(?:STMT|JUMP)\(([^,()]+), ([^,()]+)(?:, ([^,()]+), ([^,()]+))?\)/g;
const CODE_BITS: ReadonlyMap<string, number> = new Map(Object.entries(BPF).map(([name, bits]) => [`BPF_${name}`, bits]));
const RETURN_BITS: ReadonlyMap<string, number> = new Map(
  [...Object.entries(RETURN), ['KILL', RETURN.KILL_THREAD] as const].map(([name, bits]) => [`SECCOMP_RET_${name}`, bits]),
);

/**
 * The programs loaded in the output of `strace -f -v -e trace=prctl,seccomp`, in order; calls that failed loaded nothing and are not among them.
 * Throws `runFailed` for a program that is not printed whole: part of one would have the wrong hash.
 */
export function parseStraceFilters(text: string): FilterFacts[] {
  return [...text.matchAll(LOADING_CALL)].flatMap(([, length = '', list = '', rest = '']) =>
    (hasLoaded(rest, text) ? [factsOf(Number(length), list)] : []));
}

/** An unfinished call's result is on a later line; a filter that another thread saw loading is loaded unless that line says otherwise. */
function hasLoaded(rest: string, text: string): boolean {
  if (RESUMED.test(rest)) return !/<\.\.\. (?:seccomp|prctl) resumed>.*= -1 /.test(text);
  return /^\s*= \d+/.test(rest);
}

function factsOf(length: number, list: string): FilterFacts {
  const instructions = [...list.matchAll(INSTRUCTION)].map(([, code = '', k = '', ifTrue = '0', ifFalse = '0']): Instruction => ({
    code: sum(code, CODE_BITS), k: sum(k, RETURN_BITS), ifTrue: sum(ifTrue, RETURN_BITS), ifFalse: sum(ifFalse, RETURN_BITS),
  }));
  if (instructions.length !== length) {
    throw new BenchError('runFailed', `Expected strace to print ${length} instructions, got ${instructions.length}`, { hint: 'Run strace with -v, which prints programs whole.' });
  }
  return filterFacts(encodeProgram(instructions));
}

/** "BPF_JMP|BPF_K|BPF_JEQ", "SECCOMP_RET_ERRNO|0x1", "0x15", "7". */
function sum(expression: string, names: ReadonlyMap<string, number>): number {
  return expression.split('|').reduce((total, part) => {
    const value = names.get(part.trim()) ?? Number(part);
    if (!Number.isSafeInteger(value)) throw new BenchError('runFailed', `Expected a BPF constant in strace's output, got ${JSON.stringify(part)}`, { hint: 'This strace is newer than this program; please report its version.' });
    return total + value;
  }, 0);
}
