/**
 * The names of a rule that has none. moby writes `"names":null` for it and `"names":[]` for an empty list; both are
 * empty
 * lists to everyone else, so this one is known by its identity.
 */
export const NO_NAMES: readonly string[] = Object.freeze([]);
