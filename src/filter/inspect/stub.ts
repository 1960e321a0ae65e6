import type { StubFacts } from '../../model/filter/inspection.js';
import { RETURN } from '../simulate/actions.js';
import { BPF } from '../simulate/bpf.js';
import type { Instruction } from './instructions.js';

const ENOSYS = 38;
const LOAD = BPF.LD | BPF.W | BPF.ABS;
const [OFFSET_NR, OFFSET_ARCH] = [0, 4];
/** runc's has 14 instructions for three architectures and grows by a few with each. */
const LONGEST = 256;

/**
 * The instructions that runc puts before libseccomp's program, so that calls newer than a profile fail with ENOSYS
 * instead of the default action. They read only architecture and number and return only ERRNO(ENOSYS); all other ways
 * lead to the start of libseccomp's program, which loads the architecture.
 */
export function stubOf(instructions: readonly Instruction[]): StubFacts | undefined {
  for (let length = 2; length < Math.min(LONGEST, instructions.length); length += 1) {
    if (isStub(instructions, length)) return { kind: 'enosys', instructions: length };
  }
  return undefined;
}

function isStub(instructions: readonly Instruction[], length: number): boolean {
  const [next, afterNext] = [instructions[length], instructions[length + 1]];
  if (next?.code !== LOAD || next.k !== OFFSET_ARCH || afterNext?.code !== (BPF.JMP | BPF.JEQ | BPF.K)) return false;
  const stub = instructions.slice(0, length);
  return (
    stub.some(({ code }) => code === (BPF.RET | BPF.K)) &&
    stub.every((instruction, at) => belongs(instruction, length - at - 1))
  );
}

function belongs({ code, k, ifTrue, ifFalse }: Instruction, left: number): boolean {
  switch (code & 0x07) {
    case BPF.RET:
      return code === (BPF.RET | BPF.K) && k === RETURN.ERRNO + ENOSYS;
    case BPF.LD:
      return code === LOAD && (k === OFFSET_NR || k === OFFSET_ARCH);
    case BPF.JMP:
      return code === (BPF.JMP | BPF.JA) ? k <= left : Math.max(ifTrue, ifFalse) <= left;
    default:
      return false;
  }
}
