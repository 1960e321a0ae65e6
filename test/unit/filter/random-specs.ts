import type { SeccompArg, SeccompSpec } from '../../../src/model/profile/seccomp.js';
import type { Draw } from './random-programs.js';

const pick = <Item>(draw: Draw, items: readonly Item[]): Item => items[draw(0, items.length - 1)]!;

const NAMES = ['read', 'socket', 'personality', 'clone', 'prctl', 'ioctl', 'mmap', 'getpid', 'kcmp', 'socketcall'];
const OPERATIONS = ['NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ'];
const ACTIONS = ['ERRNO', 'ALLOW', 'KILL_PROCESS', 'KILL', 'TRAP', 'LOG', 'TRACE', 'NOTIFY'];
/** Values on both sides of the border between the halves, so that conditions overlap there. */
export const VALUES = [
  0n,
  1n,
  8n,
  38n,
  40n,
  0x7e020000n,
  0x20008n,
  0xffff_fffen,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x1_0000_0028n,
  0x2_0000_0001n,
  0xffff_ffff_ffff_fffen,
  0xffff_ffff_ffff_ffffn,
];

function condition(draw: Draw, index: number): SeccompArg {
  const op = pick(draw, OPERATIONS);
  const value = pick(draw, VALUES);
  return { index, op: `SCMP_CMP_${op}`, value, valueTwo: op === 'MASKED_EQ' ? pick(draw, VALUES) & value : 0 };
}

/** A spec of some rules with conditions on up to two arguments; rules of one call may overlap. */
export function randomSpec(draw: Draw): SeccompSpec {
  const defaultAction = pick(draw, ['ERRNO', 'KILL', 'ALLOW', 'LOG']);
  const others = ACTIONS.filter((action) => action !== defaultAction);
  return {
    defaultAction: `SCMP_ACT_${defaultAction}`,
    architectures: pick(draw, [['SCMP_ARCH_X86_64'], ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32']]),
    syscalls: Array.from({ length: draw(1, 7) }, () => ({
      names: [pick(draw, NAMES)],
      action: `SCMP_ACT_${pick(draw, others)}`,
      args: Array.from({ length: draw(0, 2) }, (_, at) =>
        condition(
          draw,
          pick(draw, [
            [0, 1],
            [1, 3],
          ] as const)[at]!,
        ),
      ),
    })),
  };
}
