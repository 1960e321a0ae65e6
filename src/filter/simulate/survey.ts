import type { CallVerdict, Execution, SystemCall } from '../../model/filter/simulation.js';
import { RETURN } from './actions.js';
import { BPF } from './bpf.js';
import { callsOf, knownArchitecture, knownArchitectures } from '../inspect/calls.js';
import type { KnownArchitecture } from '../inspect/calls.js';
import type { Instruction } from '../inspect/instructions.js';
import { Simulator } from './simulate.js';
import { STEPS_PER_CALL, verdictOf } from './verdict.js';

const LOAD = BPF.LD | BPF.W | BPF.ABS;
const OFFSET_ARCH = 4;
/** Ends the survey of a filter that has too many ways for every call: calls after this many steps get bounds. */
const STEPS_IN_ALL = 10_000_000;

/**
 * What a filter answers to every system call that libseccomp knows, of the architectures named (libseccomp's names;
 * default: all that the filter compares with, and x32 with x86_64), in at most `steps` simulated instructions for all
 * calls together; what is left gets bounds. Throws `input` for a filter the kernel would refuse, a name libseccomp does
 * not know, or an architecture of the other byte order.
 */
export function surveyCalls(
  filter: Buffer | Simulator,
  architectures?: readonly string[],
  steps = STEPS_IN_ALL,
): readonly CallVerdict[] {
  const simulator = filter instanceof Simulator ? filter : new Simulator(filter);
  const chosen = architectures?.map(knownArchitecture) ?? sectionsOf(simulator);
  let left = steps;
  return chosen.flatMap((architecture) =>
    callsOf(architecture.name).map((call) => {
      const given = Math.min(STEPS_PER_CALL, left);
      const budget = { steps: given };
      const verdict = verdictOf(simulator, architecture, call, budget);
      left -= given - Math.max(0, budget.steps);
      return verdict;
    }),
  );
}

/**
 * The architectures that a filter compares seccomp_data.arch with; with x86_64 also x32, whose calls have x86_64's
 * number.
 */
export function sectionsOf(filter: Simulator): readonly KnownArchitecture[] {
  const compared = architecturesCompared(filter.instructions);
  return knownArchitectures().filter(({ audit, order }) => order === filter.order && compared.has(audit));
}

/** Jumps only go forward, so one pass finds at which instructions A can hold the architecture. */
function architecturesCompared(instructions: readonly Instruction[]): ReadonlySet<number> {
  const compared = new Set<number>();
  const held: boolean[] = [];
  instructions.forEach(({ code, k, ifTrue, ifFalse }, at) => {
    const holds = code === LOAD ? k === OFFSET_ARCH : held[at] === true && (code & 0x07) === BPF.JMP;
    if (holds && code === (BPF.JMP | BPF.JEQ | BPF.K)) compared.add(k);
    if (!holds || (code & 0x07) === BPF.RET) return;
    for (const jump of jumpsOf(code, k, ifTrue, ifFalse)) held[at + 1 + jump] = true;
  });
  return compared;
}

function jumpsOf(code: number, k: number, ifTrue: number, ifFalse: number): readonly number[] {
  if ((code & 0x07) !== BPF.JMP) return [0];
  return code === (BPF.JMP | BPF.JA) ? [k] : [ifTrue, ifFalse];
}

/**
 * The answer of several filters (oldest first) and the instructions executed: the kernel runs all of them, the newest
 * first, and takes the least permissive answer; among equal actions the newest filter's counts.
 */
export function executeAll(filters: readonly Simulator[], call: SystemCall): Execution {
  const runs = filters.map((filter) => filter.execute(call));
  return {
    value: leastPermissive(runs.map(({ value }) => value)),
    instructions: runs.reduce((sum, run) => sum + run.instructions, 0),
  };
}

/** The kernel's choice among the answers of several filters, oldest first. */
export function leastPermissive(answers: readonly number[]): number {
  // The kernel compares actions as signed numbers, without their data.
  return answers.reduceRight<number>(
    (least, value) => ((value & 0xffff0000) < (least & 0xffff0000) ? value : least),
    RETURN.ALLOW,
  );
}
