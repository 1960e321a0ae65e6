import { basename, join } from 'node:path';
import type { AdviceRecord } from '../../../src/model/results/advice-record.js';
import type { PercallResult } from '../../../src/model/results/percall/percall.js';
import { createPercallFolder, createResultFolder, writeAdvice } from '../../../src/results/index.js';
import { HOST, planOf, sequential, sequentialRun } from '../results/runs.js';
import { percallRun } from '../statistics/percall.fixtures.js';

/** A results folder in which `after` takes exactly half the CPU time of `before`; gives its path. */
export function startsFolder(parent: string, id = '1a2b', blocks = 40): string {
  const plan = { ...planOf(sequential(blocks, { warmup: 0 })), id };
  using writer = createResultFolder(join(parent, 'results'), plan, HOST);
  writer.append(sequentialRun(blocks, (arm, block) => (arm === 'after' ? 20 : 40) + 0.001 * (block % 7)));
  return writer.path;
}

/** A results folder of priced calls whose prices are known exactly; gives its path. */
export function callsFolder(parent: string, run: PercallResult = percallRun(), id = 'c3d4'): string {
  const plan = { ...run.plan, id };
  using writer = createPercallFolder(join(parent, 'results'), { ...run, plan, specs: [] });
  writer.append([...run.samples, ...(run.actionSamples ?? [])]);
  return writer.path;
}

/** Both results folders of `bench advise`, a third of prices of actions; gives the path of the starts'. */
export function adviceFolder(parent: string, change: Partial<AdviceRecord> = {}, actions?: PercallResult): string {
  const starts = startsFolder(parent);
  const calls = callsFolder(parent);
  const priced = actions === undefined ? null : callsFolder(parent, actions, 'e5f6');
  writeAdvice(starts, {
    formatVersion: 1,
    kind: 'advise',
    profile: 'mine.json',
    baseline: 'before',
    options: [
      { option: 'tree', arm: 'after', checked: 'all answers are the same' },
      { option: 'ordered', reason: 'no counts were given' },
    ],
    counts: null,
    calls: basename(calls),
    ...(priced === null ? {} : { actions: basename(priced) }),
    ...change,
  });
  return starts;
}
