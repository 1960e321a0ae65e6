import { RETURN } from '../simulate/actions.js';
import { BPF } from '../simulate/bpf.js';
import { walkedInstructions } from '../simulate/constant-allow.js';
import { AUDIT_ARCH } from '../inspect/architectures.js';
import type { Instruction } from '../inspect/instructions.js';

/** Numbers that the bitmap of Linux 6.18 has for each of the two architectures; older kernels have some fewer. */
const NUMBERS = 470;

/** The architectures of the bitmap: SECCOMP_ARCH_NATIVE and SECCOMP_ARCH_COMPAT of asm/seccomp.h. */
const WALKED: Readonly<Record<string, readonly number[]>> = {
  x86_64: [AUDIT_ARCH.X86_64, AUDIT_ARCH.X86],
  aarch64: [AUDIT_ARCH.AARCH64, AUDIT_ARCH.ARM],
};

/** Instructions that the kernel follows for the number of a call when it attaches a filter, on average. */
export function walkedPerCall(instructions: readonly Instruction[], machine: string): number {
  const architectures = WALKED[machine] ?? [];
  let steps = 0;
  for (const arch of architectures)
    for (let nr = 0; nr < NUMBERS; nr += 1) steps += walkedInstructions(instructions, { arch, nr });
  return steps / (NUMBERS * architectures.length);
}

const LOAD = BPF.LD | BPF.W | BPF.ABS;
const EQUAL = BPF.JMP | BPF.JEQ | BPF.K;
const RETURN_CONSTANT = BPF.RET | BPF.K;
const [NUMBER, FIRST_ARGUMENT] = [0, 16];
/** A jump reaches 255 instructions; libseccomp puts a return within reach, too. */
const REACH = 200;
/** No call has such a number. */
const NO_CALL = 100_000;
const FEWEST = 8;

const loadOf = (k: number): Instruction => ({ code: LOAD, ifTrue: 0, ifFalse: 0, k });
const ALLOW: Instruction = { code: RETURN_CONSTANT, ifTrue: 0, ifFalse: 0, k: RETURN.ALLOW };

/**
 * A filter of `length` instructions that compares the number of a call, as libseccomp's plain filters do, and of which
 * the kernel follows about `walked` for every call: there it loads an argument, and the kernel gives up.
 */
export function sweptFilter(length: number, walked: number): readonly Instruction[] {
  if (length < FEWEST) throw new RangeError(`a swept filter has at least ${FEWEST} instructions`);
  const rest = length - 3;
  // Of each block all but its return are followed, and so are both loads.
  const head = Math.min(rest, Math.max(0, Math.round(((walked - 2) * REACH) / (REACH - 1))));
  return [loadOf(NUMBER), ...comparisons(head), loadOf(FIRST_ARGUMENT), ...comparisons(rest - head), ALLOW];
}

/** So many instructions, in blocks of comparisons that all jump to the block's return; none of them is ever true. */
function comparisons(count: number): readonly Instruction[] {
  if (count <= 0) return [];
  const block = Math.min(REACH, count);
  const compares = Math.max(1, block - 1);
  const compare = (at: number): Instruction => ({
    code: EQUAL,
    ifTrue: compares - 1 - at,
    ifFalse: at === compares - 1 && block > 1 ? 1 : 0,
    k: NO_CALL + count - at,
  });
  const own = Array.from({ length: compares }, (_, at) => compare(at));
  return [...own, ...(block > 1 ? [ALLOW] : []), ...comparisons(count - block)];
}
