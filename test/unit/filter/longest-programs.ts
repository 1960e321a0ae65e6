import { BPF } from '../../../src/filter/simulate/bpf.js';
import { RETURN } from '../../../src/filter/index.js';
import type { Instruction } from '../../../src/filter/inspect/instructions.js';
import type { CallVerdict } from '../../../src/model/filter/simulation.js';

const one = (code: number, k = 0, ifTrue = 0, ifFalse = 0): Instruction => ({ code, k, ifTrue, ifFalse });

/** Every comparison doubles the ways through, and none tells anything about the next. */
const exponential = Array.from({ length: 1000 }, (_, step): Instruction[] => [
  one(0x20, 16 + 4 * (step % 12)),
  one(BPF.ALU | BPF.ADD, step),
  one(0x45, 1 << (step % 31), 0, 1),
  one(0x20, 16),
]).flat();
/** One argument compared with 4000 values. */
const excluding = Array.from({ length: 4000 }, (_, step): Instruction => one(0x15, step, 0, 0));

/** The longest programs the kernel takes that are the hardest to follow; both allow every call. */
export const LONGEST: readonly (readonly Instruction[])[] = [exponential, [one(0x20, 16), ...excluding]].map((body) => [
  ...body,
  one(BPF.RET, RETURN.ALLOW),
]);

/** Whether the only answer found is ALLOW, which the kernel cannot prove for its bitmap. */
export const isPlainAllow = ({ outcomes, constantAllow }: CallVerdict): boolean =>
  outcomes.length === 1 && outcomes[0]?.action === 'ALLOW' && !constantAllow;
