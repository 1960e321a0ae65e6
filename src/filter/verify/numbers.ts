import type { Simulator } from '../simulate/simulate.js';
import { BPF } from '../simulate/bpf.js';
import type { Section } from './expected.js';

/** Numbers tried after the last one of a table. */
const BEYOND = 64;
const MOST = 0xffffffff;
const X32_BIT = 0x40000000;
/** Around these, a comparison of a number as signed or unsigned, or with the bit of x32, changes its result. */
const BORDERS = [0, X32_BIT, 0x80000000, MOST];

/** Numbers from one call to the next that have more than this between them are two ranges (Arm's private calls). */
const WIDEST_GAP = 1000;

/**
 * The system-call numbers to try for an architecture: all of its table with the gaps, some beyond, the borders, every
 * number that the filters compare with and its neighbours, and the same with the bit of x32.
 */
export function numbersOf({ names, name }: Section, filters: readonly Simulator[]): readonly number[] {
  const numbers = new Set<number>();
  const table = [...names.keys()].sort((one, other) => one - other);
  table.forEach((nr, index) => {
    const next = table[index + 1] ?? nr + BEYOND;
    const end = next - nr > WIDEST_GAP ? nr + BEYOND : next;
    for (let one = nr; one < end; one += 1) numbers.add(one);
  });
  const first = table[0] ?? 0;
  if (first > 0) numbers.add(first - 1);
  for (const border of [...BORDERS, ...constantsOf(filters)])
    for (const one of [border - 1, border, border + 1]) if (one >= 0 && one <= MOST) numbers.add(one);
  if (name === 'x86_64') for (const nr of table) numbers.add(nr + X32_BIT);
  return [...numbers];
}

/** Constants of comparisons. */
function constantsOf(filters: readonly Simulator[]): readonly number[] {
  return filters.flatMap(({ instructions }) =>
    instructions.filter(({ code }) => (code & 0x07) === BPF.JMP && code !== (BPF.JMP | BPF.JA)).map(({ k }) => k),
  );
}
