import { unknownName } from '../../errors.js';
import type { CallExplanation, CallRun, DisassembledLine } from '../../model/filter/inspection.js';
import type { CallVerdict, SystemCall } from '../../model/filter/simulation.js';
import { AUDIT_ARCH } from './architectures.js';
import { knownArchitecture } from './calls.js';
import { disassemble } from './disassemble.js';
import type { Simulator } from '../simulate/simulate.js';
import { executeAll } from '../simulate/survey.js';
import { actionText, verdictOf } from '../simulate/verdict.js';
import { stackedVerdicts } from './stacked.js';

const ARGUMENTS = 6;
/** __X32_SYSCALL_BIT (asm/unistd.h). */
const X32_BIT = 0x40000000;

/** The call to explain. Without arguments, one set of arguments is tried for each of its answers. */
export interface CallWish {
  readonly arch: string;
  /** By libseccomp, or the number in decimal. */
  readonly name: string;
  readonly args?: readonly bigint[];
}

/** Runs one call step by step. Throws `input` for a name that is not among `calls`. */
export function explainCall(
  filters: readonly Simulator[],
  calls: readonly CallVerdict[],
  { arch, name, args }: CallWish,
): CallExplanation {
  const verdict = /^\d+$/.test(name)
    ? verdictOfNumber(filters, calls, arch, Number(name))
    : verdictOfName(calls, arch, name);
  const call: SystemCall = { arch: auditOf(arch), nr: verdict.nr };
  const lines = filters.map(disassemble);
  const wanted = args === undefined ? examplesOf(verdict, call) : [{ ...call, args }];
  return { verdict, runs: wanted.map((one) => runOf(filters, lines, one)) };
}

const auditOf = (arch: string): number => (arch === 'x32' ? AUDIT_ARCH.X86_64 : knownArchitecture(arch).audit);

function verdictOfName(calls: readonly CallVerdict[], arch: string, name: string): CallVerdict {
  const own = calls.filter((one) => one.arch === arch);
  const verdict = own.find((one) => one.name === name);
  if (verdict !== undefined) return verdict;
  throw unknownName(
    name,
    `a system call of ${arch}`,
    own.map((one) => one.name),
    { code: 'input', hint: 'Use --sort name to list all calls, or --section for another architecture.' },
  );
}

/** Numbers of x32 may be given without their bit. A number that libseccomp has no name for is its own name. */
function verdictOfNumber(
  filters: readonly Simulator[],
  calls: readonly CallVerdict[],
  arch: string,
  given: number,
): CallVerdict {
  const nr = arch === 'x32' && given < X32_BIT ? given + X32_BIT : given;
  const known = calls.find((one) => one.arch === arch && one.nr === nr);
  if (known !== undefined) return known;
  const architecture = knownArchitecture(arch);
  const surveys = filters.map((filter) => [verdictOf(filter, architecture, { name: String(given), nr })]);
  const [verdict] = stackedVerdicts(filters, surveys);
  if (verdict === undefined) throw new RangeError('no filter to explain');
  return verdict;
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
