import { basename } from 'node:path';

/** Runs the following text under cProfile, as `python3 -c` would run it. */
const WRAPPER = 'import cProfile, sys; text = sys.argv.pop(1); cProfile.run(text, sort="tottime")';
/** Interpreter options that are followed by a value. */
const WITH_VALUE = new Set(['-X', '-W', '--check-hash-based-pycs']);

/**
 * A python command under cProfile, sorted by the time in each function; `null` for anything but a python command that
 * runs something.
 */
export function cprofileArgs(args: readonly string[]): readonly string[] | null {
  const [program = '', ...rest] = args;
  if (!/^(?:python|pypy)[\d.]*$/.test(basename(program))) return null;
  const at = firstOperand(rest);
  const [options, [kind, ...after]] = [rest.slice(0, at), rest.slice(at)];
  if (kind === undefined || kind === '-') return null;
  if (kind !== '-c') return [program, ...options, '-m', 'cProfile', '-s', 'tottime', kind, ...after];
  const [text, ...own] = after;
  return text === undefined ? null : [program, ...options, '-c', WRAPPER, text, ...own];
}

/** Index at which the interpreter's options end: of a script, -c or -m. */
function firstOperand(args: readonly string[]): number {
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (!word.startsWith('-') || word === '-' || word === '-c' || word === '-m') return at;
    if (WITH_VALUE.has(word)) at += 1;
  }
  return args.length;
}

/** The program's total time in a report of cProfile, in seconds. */
export function cprofileSeconds(report: string): number | null {
  const text = /function calls(?: \(\d+ primitive calls\))? in (\d+(?:\.\d+)?) (?:CPU )?seconds/.exec(report)?.[1];
  return text === undefined ? null : Number(text);
}
