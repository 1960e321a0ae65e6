import type { ByteOrder } from '../../model/filter/simulation.js';
import { RETURN } from '../simulate/actions.js';
import { BPF } from '../simulate/bpf.js';
import type { FilterPlan } from './plan.js';
import { decodeFilter, encodeFilter } from '../inspect/instructions.js';

/**
 * Corrects a fault of libseccomp (seen with 2.5.4) in filters for the other byte order: a return that it copies into a
 * long chain of comparisons, so that their jumps reach it, has its value in this machine's order. Machines of the
 * target's order do not have the fault. A value's bytes are swapped only where the spec has no such answer before and
 * has it after.
 */
export function withReturnsTurned(filter: Buffer, order: ByteOrder, plan: FilterPlan): Buffer {
  // Calls of an architecture without a section end the thread.
  const answers = new Set<number>([RETURN.KILL_THREAD, plan.defaultAction, ...plan.rules.map(({ action }) => action)]);
  return encodeFilter(
    decodeFilter(filter, order).map((instruction) => {
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
