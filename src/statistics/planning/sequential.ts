import { normalTwoSided } from '../distributions/distributions.js';

/** Looks of a run that may end when it is decided. */
const LOOKS = 5;

/**
 * O'Brien and Fleming's boundaries (1979) for 5 looks at equal steps: the limit for |z| at look k is c sqrt(5 / k). The
 * constants are those at which the looks together err at 5 %: two-sided for a difference, each one-sided test alone for
 * equivalence.
 */
const C_DIFFERENCE = 2.040073;
const C_EQUIVALENCE = 1.750866;

/**
 * How strict a look is: what p is multiplied with so that 0.05 stays the limit, and the level of the interval for
 * equivalence.
 */
export interface LookStrictness {
  readonly pFactor: number;
  readonly equivalenceLevel: number;
}

/** The strictness of look `k`, 1 to 5; through t, because p and interval are those of a t distribution. */
export function lookStrictness(k: number): LookStrictness {
  const scale = Math.sqrt(LOOKS / k);
  return {
    pFactor: 0.05 / normalTwoSided(C_DIFFERENCE * scale),
    equivalenceLevel: 1 - normalTwoSided(C_EQUIVALENCE * scale),
  };
}

/** Blocks after which the looks are taken, the last at the end; fewer looks where there are not 5 different ones. */
export const lookBlocks = (most: number): number[] => [
  ...new Set(Array.from({ length: LOOKS }, (_, k) => Math.ceil(((k + 1) * most) / LOOKS))),
];

/** The look for a number of blocks run, 1 to 5: the last one reached, or the first. */
export const lookAt = (blocks: number, most: number): number =>
  Math.max(1, Math.min(LOOKS, Math.floor((LOOKS * blocks) / most)));
