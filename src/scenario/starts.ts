import type { FindingsRequest, TouchPoint } from '../model/experiment/settings.js';
import { DEFAULT_ARMS, unconfinedFirst } from '../model/run/arms.js';
import { DEFAULTS, WORKLOAD_DEFAULTS } from '../model/run/limits.js';
import type { ParallelScenario, Scenario, SequentialScenario } from '../model/run/scenario.js';
import { PROBES_FORM, probesIn } from '../model/run/unit.js';
import type { Workload } from '../model/run/program/workload.js';
import type { ValidFile } from './file.js';
import { sweepLevels } from './make.js';
import { pathText } from './schema.js';
import { isFault, workloadFrom, type WrittenWorkload } from './workload.js';
import { armsOf, type WrittenArm } from './written-arms.js';

/** What a scenario's file says of a run besides the scenario: what options of `bench run` can ask for, too. */
export interface StartsSettings {
  /** Counts the instructions of every start, where there is a PMU. */
  readonly counters?: true;
  /** Times the stages of every start separately. */
  readonly staged?: true;
  /** Only of kind `workload`. */
  readonly findings?: Partial<Pick<FindingsRequest, 'explain' | 'touch' | 'profiler'>>;
}

/** A scenario's file, valid by the schema. */
type Written<Kind extends Scenario> = Partial<Omit<Kind, 'arms' | 'concurrency' | 'levels' | 'program'>> &
  Pick<Kind, 'kind'> & {
    /** Another name for `count` (sequential) or `rounds` (parallel). */
    readonly blocks?: number;
    readonly arms?: readonly WrittenArm[];
    readonly concurrency?: number | readonly number[];
    readonly program?: WrittenWorkload;
    readonly counters?: boolean;
    readonly stages?: boolean;
  };

/** Blocks of execs: a sequential scenario whose unit is the exec. */
type WrittenExecs = Omit<Written<SequentialScenario>, 'kind' | 'unit' | 'probes'> & {
  readonly kind: 'exec';
  readonly probes?: string;
};

/** A program under filters: a sequential scenario with the defaults of `bench workload`. */
type WrittenProgramRuns = Omit<Written<SequentialScenario>, 'kind' | 'program'> & {
  readonly kind: 'workload';
  readonly program: WrittenWorkload;
  readonly explain?: boolean;
  readonly touch?: readonly (Pick<TouchPoint, 'mib'> & Partial<TouchPoint>)[];
  readonly profileWith?: NonNullable<FindingsRequest['profiler']>;
};

export type WrittenStarts = Written<SequentialScenario> | Written<ParallelScenario> | WrittenExecs | WrittenProgramRuns;

/** The scenario with its defaults filled in. */
export function startsScenario(written: WrittenStarts, file: ValidFile): Scenario {
  const base = { ...described(written, file), ...treated(written, file) };
  // The schema requires count or blocks here, and count in a parallel scenario.
  const { kind, blocks, count = blocks ?? 1 } = written;
  if (kind === 'exec') return { kind: 'sequential', unit: 'exec', ...base, count, ...probesOf(written, file) };
  if (kind === 'workload')
    return { kind: 'sequential', ...base, count: written.count ?? blocks ?? WORKLOAD_DEFAULTS.count };
  if (kind === 'sequential') {
    const { duet } = written;
    return { kind, ...base, count, ...(duet === undefined ? {} : { duet }) };
  }
  const { concurrency = count, rounds = blocks ?? DEFAULTS.rounds } = written;
  return { kind, ...base, count, ...inFlight(concurrency, count, file), rounds };
}

/** What its file says besides. */
export function startsSettings(written: WrittenStarts): StartsSettings {
  const { counters, stages } = written;
  return {
    ...(counters === true ? { counters } : {}),
    ...(stages === true ? { staged: stages } : {}),
    ...(written.kind === 'workload' ? findingsOf(written) : {}),
  };
}

function findingsOf({ explain, touch, profileWith }: WrittenProgramRuns): Pick<StartsSettings, 'findings'> {
  const findings = {
    ...(explain === undefined ? {} : { explain }),
    ...(touch === undefined ? {} : { touch: touch.map(({ mib, order = 'sequential' }) => ({ mib, order })) }),
    ...(profileWith === undefined ? {} : { profiler: profileWith }),
  };
  return Object.keys(findings).length === 0 ? {} : { findings };
}

function probesOf({ probes }: WrittenExecs, { reject }: ValidFile): Pick<SequentialScenario, 'probes'> {
  if (probes === undefined) return {};
  const read = probesIn(probes);
  if (read === undefined) throw reject(`probes: expected ${PROBES_FORM}, got ${JSON.stringify(probes)}`);
  return { probes: read };
}

function described(
  { name, title, architecture, published }: WrittenStarts,
  { ownName }: ValidFile,
): Pick<Scenario, 'name' | 'title' | 'architecture' | 'published'> {
  return {
    name: name ?? ownName,
    ...(title === undefined ? {} : { title }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(published === undefined ? {} : { published }),
  };
}

function treated(
  written: WrittenStarts,
  file: ValidFile,
): Pick<Scenario, 'arms' | 'profile' | 'dialect' | 'warmup' | 'pauseMs' | 'program' | 'cache'> {
  const { kind, profile, dialect = DEFAULTS.dialect, warmup, pauseMs, program, cache } = written;
  return {
    arms: armsOf(orderedArms(written), file),
    ...(profile === undefined ? {} : { profile: file.located(profile) }),
    dialect,
    warmup: warmup ?? defaultWarmup(kind),
    pauseMs: pauseMs ?? DEFAULTS.pauseMs,
    ...(program === undefined ? {} : { program: programOf(program, file) }),
    ...(cache === undefined ? {} : { cache }),
  };
}

function orderedArms({ kind, arms }: Pick<WrittenStarts, 'kind' | 'arms'>): readonly WrittenArm[] {
  return kind === 'workload' ? unconfinedFirst(arms ?? WORKLOAD_DEFAULTS.arms) : (arms ?? DEFAULT_ARMS);
}

function defaultWarmup(kind: WrittenStarts['kind']): number {
  if (kind === 'workload') return WORKLOAD_DEFAULTS.warmup;
  return DEFAULTS.warmup[kind === 'parallel' ? 'parallel' : 'sequential'];
}

/** A list is a sweep, which always includes level 1. */
function inFlight(
  written: number | readonly number[],
  count: number,
  { reject }: ValidFile,
): Pick<ParallelScenario, 'concurrency' | 'levels'> {
  const isList = typeof written !== 'number';
  const levels = isList ? written : [written];
  const index = levels.findIndex((level) => level > count);
  const path = pathText(isList ? ['concurrency', index] : ['concurrency']);
  if (index >= 0) throw reject(`${path}: expected at most the count ${count}, got ${levels[index]}`);
  return { concurrency: Math.max(...levels), ...(isList ? { levels: sweepLevels(levels) } : {}) };
}

function programOf(written: WrittenWorkload, { located, reject }: ValidFile): Workload {
  const workload = workloadFrom(written, located);
  if (!isFault(workload)) return workload;
  const { property, index, message } = workload;
  throw reject(`${pathText(['program', property, ...(index === undefined ? [] : [index])])}: ${message}`);
}
