const HIGHEST_PRIORITY = 255;

/** libseccomp's priorities: 255 comes first; those beyond the 255th keep the order of the rest. */
export const prioritiesOf = (first: readonly string[]): readonly { readonly name: string; readonly priority: number }[] =>
  first.slice(0, HIGHEST_PRIORITY).map((name, index) => ({ name, priority: HIGHEST_PRIORITY - index }));
