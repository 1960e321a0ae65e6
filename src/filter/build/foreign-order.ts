import type { ByteOrder } from '../../model/filter/simulation.js';
import { RETURN } from '../simulate/actions.js';
import { BPF } from '../simulate/bpf.js';
import type { FilterPlan } from './plan.js';
import { decodeProgram, encodeProgram } from '../inspect/program.js';

/**
 * Puts right what libseccomp (seen with 2.5.4) gets wrong where it builds for the other byte order: a return that it
 * copies into a long chain of comparisons, to be
 * within reach of their jumps, has its value in this machine's order. On a machine of the target's own order that does
 * not happen. A value is turned
 * only where, as it stands, the spec has no such answer and, turned, it has.
 */
export function withReturnsTurned(program: Buffer, order: ByteOrder, plan: FilterPlan): Buffer {
  // An architecture without a section is answered with the end of the thread.
  const answers = new Set<number>([RETURN.KILL_THREAD, plan.defaultAction, ...plan.rules.map(({ action }) => action)]);
  return encodeProgram(
    decodeProgram(program, order).map((instruction) => {
      const turned = turn(instruction.k);
      const isWrong = instruction.code === (BPF.RET | BPF.K) && !answers.has(instruction.k) && answers.has(turned);
      return isWrong ? { ...instruction, k: turned } : instruction;
    }),
    order,
  );
}

function turn(value: number): number {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.readUInt32BE();
}
