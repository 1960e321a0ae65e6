/** How the figures come about, for a reader of the report who knows no README; one sentence or two each. */
export const METHOD_NOTES: readonly string[] = [
  'Every block runs each arm once, in an order shuffled from the printed seed, so that slow drifts of the machine meet all arms alike.',
  'The control is a byte copy of the baseline with files of its own: it sharpens the estimate, and where the two differ beyond chance (p < 0.001) the run is invalid.',
  'Change is 100 * (exp(T) - 1), T the mean of two 20 % trimmed means of log differences, to the baseline and to the control; its 95 % interval is T \u00b1 t * Yuen\u2019s standard error. With fewer than 30 blocks it is the median of Walsh averages with the exact Wilcoxon interval.',
  'CPU time (of the runtime and all it started) is the primary metric, wall time the second: the same effect needs several times fewer blocks in CPU time.',
  'Equivalent is said only where two one-sided tests place the change within the stated margin; not being able to tell is called not resolved. With fewer than 20 complete blocks nothing is decided.',
  'A failed container has no time and is never left out of the counts. Outliers stay in. The seconds of one arm alone carry wider intervals than the comparison of pairs.',
];
