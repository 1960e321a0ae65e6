/** A whole number as people read it, in messages and reports: `1,170`. */
export const formatCount = (count: number): string => count.toLocaleString('en-US');
