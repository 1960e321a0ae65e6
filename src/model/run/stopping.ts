/** When a run ends before its count; the count is then the most it may take. */
export type StoppingRule =
  /** The 95 % interval reaches no further than this share (0.005 = 0.5 %) to either side. */
  | { readonly kind: 'halfWidth'; readonly width: number }
  /** Different or equivalent, by a group sequential test in 5 looks. */
  | { readonly kind: 'decided' }
  /** Time since the first measured block. */
  | { readonly kind: 'budget'; readonly milliseconds: number };

/** Blocks before the first look of a run that may end by its half width: fewer do not show their noise well enough. */
export const FIRST_LOOK_BLOCKS = 100;
/** Blocks between looks. */
export const LOOK_EVERY_BLOCKS = 50;
