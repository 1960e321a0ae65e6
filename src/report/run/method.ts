/** How the figures are calculated, for a reader of the report alone. */
export const METHOD_NOTES: readonly string[] = [
  'Every block runs each arm once, in an order shuffled from the printed seed, so that slow drifts of the machine ' +
    'affect ' +
    'all arms alike.',
  'The control is a byte copy of the baseline. It makes the estimate more precise; where the two ' +
    'differ beyond chance (p < 0.001), the run is invalid.',
  'Change is 100 * (exp(T) - 1), where T is the mean of the trimmed mean log differences to the baseline and to the ' +
    'control (each averaged over cuts of 5, 10, ... 35 % at either end). Its 95 % interval is T ± t * a standard ' +
    'error ' +
    'after Yuen. With fewer than 30 blocks it is the median of Walsh averages with the exact Wilcoxon interval.',
  'CPU time (of the runtime and everything it started) is the primary metric, wall time the second: the same effect ' +
    'needs several times fewer blocks in CPU time.',
  'Five verdicts: faster or slower (the 95 % interval excludes 0), equivalent (two one-sided tests at 5 % place the ' +
    'change within the stated margin), inconclusive (neither) and invalid. With fewer than 20 blocks there is no ' +
    'verdict, ' +
    'and none under emulation, where times are meaningless; counts are always compared.',
  'Invalid: the control differs from the baseline at p < 0.001 (below p < 0.01 there is a warning), a filter was not ' +
    'the ' +
    'one its arm is named after, more containers failed in one arm than in the others, or fewer than 20 of the ' +
    'planned ' +
    'blocks are complete.',
  'All tests of a report form one family: p is adjusted by Holm (1979), so that for any number of rows without a ' +
    'difference, at most 5 % of reports call one different. Where this changes a verdict, both are shown.',
  'A run that a rule may end follows a plan: by the width of its interval (then made 1.05 times as wide), by a group ' +
    'sequential test with 5 looks (boundary of O’Brien and Fleming), or by a time budget, which does not depend on ' +
    'results.',
  'The smallest change a run could detect follows from its standard error, not from its result. bench plan ' +
    'calculates ' +
    'the same from a pilot beforehand and allows for a changing noise level.',
  'Peak memory may not be comparable: a child inherits the memory mark of the process that starts it (vfork), so one ' +
    'smaller than bench shows that of bench. Counts, such as bytes and instructions, are compared exactly.',
  'A failed container has no time and is always counted. Outliers stay in. The seconds of a single arm have wider ' +
    'intervals than the comparison of pairs.',
];
