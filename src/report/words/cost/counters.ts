import type { AskedCounters, NoCounters } from '../../../model/results/figures/instructions.js';

const WHY_NOT: Readonly<Record<NoCounters, string>> = {
  noPmu: 'this machine shows no hardware counters (PMU), as most virtual machines',
  noRight: 'this user may not count them (kernel.perf_event_paranoid)',
  noKernel: 'this kernel cannot count them for a start with all its processes (perf_event_open)',
  daemon: 'a daemon makes the containers',
  parallel: 'several containers run at once',
  stages: 'stages are timed apart',
  server: 'what is timed is a server under load, not its start',
};

/** Whether instructions were counted, and why not. */
export const counterSentence = (counters: AskedCounters): string =>
  counters.state === 'counted'
    ? 'counted from the exec of each start on, with all that it starts'
    : `not counted: ${WHY_NOT[counters.reason]}`;
