/** When a run ends before its count; the count is then the most it may take. */
export type StoppingRule =
  /** The 95 % interval reaches no further than this share (0.005 = 0.5 %) to either side. */
  | { readonly kind: 'halfWidth'; readonly width: number }
  /** Different or equivalent, by a group sequential test in 5 looks. */
  | { readonly kind: 'decided' }
  /** So much time since the first measured block. */
  | { readonly kind: 'budget'; readonly milliseconds: number };

/**
 * A run that may end by its half width is looked at after so many blocks for the first time: fewer know too little of
 * their own noise.
 */
export const FIRST_LOOK_BLOCKS = 100;
/** And again after every so many. */
export const LOOK_EVERY_BLOCKS = 50;
