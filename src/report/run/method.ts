/** How the figures come about, for a reader of the report who knows no README; one sentence or two each. */
export const METHOD_NOTES: readonly string[] = [
  'Every block runs each arm once, in an order shuffled from the printed seed, so that slow drifts of the machine meet all arms alike.',
  'The control is a byte copy of the baseline with files of its own: it sharpens the estimate, and where the two differ beyond chance (p < 0.001) the run is invalid.',
  'Change is 100 * (exp(T) - 1), T the mean of the trimmed mean log differences to the baseline and to the control (each averaged over cuts of 5, 10, ... 35 % at either end); its 95 % interval is T \u00b1 t * a standard error after Yuen. With fewer than 30 blocks it is the median of Walsh averages with the exact Wilcoxon interval.',
  'CPU time (of the runtime and all it started) is the primary metric, wall time the second: the same effect needs several times fewer blocks in CPU time.',
  'Five verdicts: faster or slower (the 95 % interval excludes 0), equivalent (two one-sided tests at 5 % place the change within the stated margin), inconclusive (neither, with how much more would settle it) and invalid. With fewer than 20 blocks asked for, nothing is decided; nor of a run under emulation, whose times mean nothing: it is functional proof, and what is counted is compared all the same.',
  'Invalid: the control differs from the baseline at p < 0.001 (from p < 0.01 there is a warning), a filter was not the one its arm is named after, containers failed in one arm more than in the others, or fewer than 20 of the planned blocks were completed.',
  'All rows of a report that are tested form one family: p is adjusted by Holm (1979), so that among any number of rows without a difference one is called different in at most 5 % of reports. Where a verdict differs by it, both are shown.',
  'A run that a rule may end follows a plan: by the width of its interval (then made 1.05 times as wide), by a group sequential test in 5 looks (boundary of O\u2019Brien and Fleming), or by a time budget, which looks at no result.',
  'What a run could have seen is computed from its own standard error, whatever it did show; bench plan does the same beforehand, from a pilot, and allows for a noise level that moves.',
  'Peak memory may not be comparable: a child inherits the memory mark of the process that starts it (vfork), so one smaller than bench shows bench\u2019s own. What is counted, such as bytes and instructions, is compared as it is.',
  'A failed container has no time and is never left out of the counts. Outliers stay in. The seconds of one arm alone carry wider intervals than the comparison of pairs.',
];
