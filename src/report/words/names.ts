import type { Metric } from '../../model/analysis/analysis.js';
import type { Scenario, TimedThing } from '../../model/run/scenario.js';

/** What a metric is called to a reader; wall is the makespan of a batch in a parallel scenario. */
export function metricWords(metric: Metric, kind: Scenario['kind']): string {
  switch (metric) {
    case 'cpu':
      return kind === 'parallel' ? 'CPU time of a batch' : 'CPU time';
    case 'wall':
      return kind === 'parallel' ? 'makespan' : 'wall time';
    case 'duetWall':
      return 'wall time under load';
    case 'latency':
      return 'latency';
    case 'maxRss':
      return 'peak memory';
    case 'contextSwitches':
      return kind === 'parallel' ? 'context switches of a batch' : 'context switches';
    case 'pageFaults':
      return kind === 'parallel' ? 'page faults of a batch' : 'page faults';
    case 'userInstructions':
      return 'instructions in user mode';
    case 'kernelInstructions':
      return 'instructions in the kernel';
  }
}

/** `a start`, `an exec`. */
export const aThing = (thing: TimedThing): string => (thing === 'exec' ? 'an exec' : `a ${thing}`);

/** The metric in a narrow column. */
export const metricShort = (metric: Metric, kind: Scenario['kind']): string =>
  ({
    cpu: 'CPU',
    wall: kind === 'parallel' ? 'makespan' : 'wall',
    duetWall: 'wall, load',
    latency: 'latency',
    maxRss: 'memory',
    contextSwitches: 'switches',
    pageFaults: 'faults',
    userInstructions: 'user instr.',
    kernelInstructions: 'kernel instr.',
  })[metric];

/** The first few names of a list: `a, b, c, ...`. */
export const someOf = (names: readonly string[], most: number): string =>
  `${names.slice(0, most).join(', ')}${names.length > most ? ', ...' : ''}`;
