import { COMPARE } from '../build/plan.js';
import type { Condition } from '../build/plan.js';

/** Bits of an argument that a filter compares: an ABI with 32-bit registers has no others. */
export type Width = 32 | 64;

/** ABIs of 32 bits, by libseccomp's names. libseccomp also compares only 32 bits for x32 and for MIPS n32. */
const NARROW: ReadonlySet<string> = new Set([
  'x86',
  'x32',
  'arm',
  'm68k',
  'mips',
  'mipsel',
  'mips64n32',
  'mipsel64n32',
  'parisc',
  'ppc',
  's390',
  'sh',
  'sheb',
]);

export const widthOf = (architecture: string): Width => (NARROW.has(architecture) ? 32 : 64);

/**
 * Whether a comparison holds, as seccomp_rule_add(3) defines it: unsigned, and of a masked comparison both sides are
 * masked.
 */
export function conditionHolds({ index, operator, a, b }: Condition, args: readonly bigint[], width: Width): boolean {
  const cut = (value: bigint): bigint => BigInt.asUintN(width, value);
  const value = cut(args[index] ?? 0n);
  const operand = cut(a);
  switch (operator) {
    case COMPARE.NE:
      return value !== operand;
    case COMPARE.LT:
      return value < operand;
    case COMPARE.LE:
      return value <= operand;
    case COMPARE.EQ:
      return value === operand;
    case COMPARE.GE:
      return value >= operand;
    case COMPARE.GT:
      return value > operand;
    default:
      return (value & operand) === (cut(b) & operand);
  }
}
