/** A number that can be infinite, as an end of an interval that does not exist; JSON writes `null` for it. */
export type Bound = number;
