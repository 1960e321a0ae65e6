import { BPF } from '../simulate/bpf.js';
import { WORD } from '../simulate/simulate.js';
import type { KnownCall } from '../inspect/calls.js';
import { cellsOf } from './cells.js';
import type { Cell, WordTest } from './cells.js';
import { testsReached } from './reached.js';
import type { Sides } from './regions.js';

/** More classes of numbers count as too many. */
const MOST_CLASSES = 20_000;
/** x86_64's architecture number is also that of x32, whose calls have this bit. */
const X32_BIT = 0x40000000;
const WHOLE = 0xffffffff;

/** Numbers that no table knows, divided so that any of a class stands for all of it. */
export interface NumberClasses {
  readonly cells: readonly Cell[];
  /** Why the cells may not be all there is to tell apart; absent: they are. */
  readonly notProved?: string;
}

/**
 * The numbers of an ABI that its table does not know, cut at every constant that one of the filters compares the number
 * with.
 */
export function otherNumbers(
  sides: Sides,
  { arch, abi, calls }: { readonly arch: number; readonly abi: string; readonly calls: readonly KnownCall[] },
): NumberClasses {
  const reached = [...sides.before, ...sides.after].map(({ instructions }) => testsReached(instructions, { arch }));
  const tests = reached.flatMap((one) => one.tests.get(WORD.NR) ?? []);
  const isClouded = reached.some(({ clouded }) => clouded.has(WORD.NR));
  const named: readonly WordTest[] = calls.map(({ nr }) => ({ mask: WHOLE, code: BPF.JEQ, k: nr >>> 0 }));
  const own: readonly WordTest[] = [
    { mask: WHOLE, code: BPF.JGE, k: X32_BIT },
    { mask: WHOLE, code: BPF.JGE, k: X32_BIT * 2 },
  ];
  const cells = cellsOf([...tests, ...named, ...own], MOST_CLASSES);
  const known = new Set(calls.map(({ nr }) => nr >>> 0));
  const others = (cells ?? cellsOf([...named, ...own], MOST_CLASSES) ?? []).filter(
    ({ low }) => !known.has(low) && isOf(abi, low),
  );
  if (cells === null) return { cells: others, notProved: 'too many numbers that the filters tell apart' };
  return { cells: others, ...(isClouded ? { notProved: "the filter computes with the call's number" } : {}) };
}

/** Only x86_64 and x32 share an architecture number. */
function isOf(abi: string, nr: number): boolean {
  const isX32 = nr >= X32_BIT && nr < X32_BIT * 2;
  if (abi === 'x32') return isX32;
  return abi !== 'x86_64' || !isX32;
}
