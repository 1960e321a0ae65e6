import { basename } from 'node:path';
import type { Io } from '../../model/io.js';
import type { Scenario } from '../../model/run/scenario.js';
import { makeScenario, makeWorkload } from '../../scenario/index.js';
import type { WorkloadFlags } from '../../scenario/index.js';
import { measure } from '../old-entry.js';
import type { ScenarioFlags } from './sequential.js';
import type { MeasureOptions } from '../options/settings.js';
import { mostBlocks } from '../options/stopping.js';

export type WorkloadOptions = MeasureOptions & ScenarioFlags & WorkloadFlags;

/** Enough for a verdict, where a run may take seconds. */
const DEFAULT_BLOCKS = 30;

/**
 * `bench workload`: any command in a container under each arm: what it costs there, and whether the filter explains
 * that.
 */
export function run(options: WorkloadOptions, io: Io): Promise<number> {
  return measure(workloadScenario(options), options, io);
}

function workloadScenario(options: WorkloadOptions): Scenario {
  const program = makeWorkload(options);
  const { arms = 'unconfined,default', arm, warmup = 1, pause, profile, dialect } = options;
  const count = mostBlocks(options.count, options) ?? DEFAULT_BLOCKS;
  const base = makeScenario({
    kind: 'sequential',
    count,
    arms: unconfinedFirst(arms),
    arm,
    warmup,
    pause,
    profile,
    dialect,
  });
  return { ...base, name: nameOf(program.args[0] ?? '', base.count), program };
}

/** What a filter costs is said against none: the first arm is the one that others are compared with. */
function unconfinedFirst(list: string): string {
  const names = list.split(',').map((name) => name.trim());
  return [...names.filter((name) => name === 'unconfined'), ...names.filter((name) => name !== 'unconfined')].join(',');
}

/** Part of a folder's name. */
const nameOf = (program: string, count: number): string =>
  `workload-${basename(program)
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .slice(0, 40)}-${count}`;
