import { unknownName } from '../../errors.js';
import type { CallExplanation, CallRun, DisassembledLine } from '../../model/filter/inspection.js';
import type { CallVerdict, SystemCall } from '../../model/filter/simulation.js';
import { AUDIT_ARCH } from './architectures.js';
import { knownArchitecture } from './calls.js';
import { disassemble } from './disassemble.js';
import type { Simulator } from '../simulate/simulate.js';
import { executeAll } from '../simulate/survey.js';
import { actionText } from '../simulate/verdict.js';

const ARGUMENTS = 6;

/** The call to explain. Without arguments, one set of arguments is tried for each of its answers. */
export interface CallWish {
  readonly arch: string;
  readonly name: string;
  readonly args?: readonly bigint[];
}

/** Runs one call step by step. Throws `input` for a call that is not among `calls`. */
export function explainCall(
  filters: readonly Simulator[],
  calls: readonly CallVerdict[],
  { arch, name, args }: CallWish,
): CallExplanation {
  const verdict = calls.find((one) => one.arch === arch && one.name === name);
  if (verdict === undefined) {
    const known = calls.filter((one) => one.arch === arch).map((one) => one.name);
    throw unknownName(name, `a system call of ${arch}`, known, {
      code: 'input',
      hint: 'Use --sort name to list all calls, or --section for another architecture.',
    });
  }
  const call: SystemCall = { arch: arch === 'x32' ? AUDIT_ARCH.X86_64 : knownArchitecture(arch).audit, nr: verdict.nr };
  const lines = filters.map(disassemble);
  const wanted = args === undefined ? examplesOf(verdict, call) : [{ ...call, args }];
  return { verdict, runs: wanted.map((one) => runOf(filters, lines, one)) };
}

/** All arguments 0, and arguments that were found for every other answer. */
function examplesOf({ outcomes, zero }: CallVerdict, call: SystemCall): readonly SystemCall[] {
  return [
    call,
    ...outcomes.flatMap(({ value, example }) => (example === undefined || value === zero.value ? [] : [example])),
  ];
}

function runOf(
  filters: readonly Simulator[],
  lines: readonly (readonly DisassembledLine[])[],
  call: SystemCall,
): CallRun {
  const { value, instructions } = executeAll(filters, call);
  const steps = filters.map((filter, index) => {
    const executed: DisassembledLine[] = [];
    filter.execute(call, (at) => {
      executed.push(...(lines[index]?.slice(at, at + 1) ?? []));
    });
    return executed;
  });
  return {
    action: actionText(value),
    args: Array.from({ length: ARGUMENTS }, (_, index) => call.args?.[index] ?? 0n),
    instructions,
    steps,
  };
}
