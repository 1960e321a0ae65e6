/** When a run ends before its count; the count is then the most it may take. */
export type StoppingRule =
  /** The 95 % interval reaches no further than this share (0.005 = 0.5 %) to either side. */
  | { readonly kind: 'halfWidth'; readonly width: number }
  /** Different or equivalent, by a group sequential test in 5 looks. */
  | { readonly kind: 'decided' }
  /** So much time since the first measured block. */
  | { readonly kind: 'budget'; readonly milliseconds: number };
