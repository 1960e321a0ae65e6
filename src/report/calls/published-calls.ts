/**
 * One published measurement of getpid under stacked filters, in ns: without a filter, under 1 and 2 that the bitmap
 * answers, and when 3 and 4 are run in full.
 */
export interface PublishedCallPrices {
  readonly source: string;
  readonly native: number;
  readonly oneBitmap: number;
  readonly twoBitmap: number;
  readonly threeFull: number;
  readonly fourFull: number;
}

/**
 * By tools/testing/selftests/seccomp/seccomp_benchmark.c of the kernel, as posted to its mailing list; one number each,
 * without spread.
 */
export const PUBLISHED_CALL_PRICES: readonly PublishedCallPrices[] = [
  {
    source: 'YiFei Zhu, bitmap patches v5, 2020',
    native: 646,
    oneBitmap: 675,
    twoBitmap: 675,
    threeFull: 732,
    fourFull: 752,
  },
  {
    source: 'Kees Cook, seccomp bitmaps, 2020',
    native: 728,
    oneBitmap: 749,
    twoBitmap: 750,
    threeFull: 820,
    fourFull: 844,
  },
  { source: 'Intel LKP, Linux 6.8', native: 391, oneBitmap: 438, twoBitmap: 432, threeFull: 509, fourFull: 538 },
];

/** What a reader must know before comparing the two. */
export const PUBLISHED_CALLS_NOTE =
  'Single numbers, without spread, from other machines, with filters of a few instructions that are not those of a ' +
  'container. Only the ratios to a call without a filter are comparable.';
