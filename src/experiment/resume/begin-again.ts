import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { BenchError } from '../../errors.js';
import type { EngineChoice, EngineFacts } from '../../model/container/container.js';
import type { ExperimentContext } from '../../model/experiment/events.js';
import type { StartsRequest, SweepRequest } from '../../model/experiment/request.js';
import type { EngineRequest } from '../../model/experiment/settings.js';
import type { AskedOfStarts } from '../../model/results/asked.js';
import type { RunResult } from '../../model/results/result.js';
import type { ArmDefinition, Scenario } from '../../model/run/scenario.js';
import {
  foldersIn,
  isPercallFolder,
  lockResults,
  planKindIn,
  putAside,
  readResultFolder,
  readUsedSpec,
  reopenResultFolder,
} from '../../results/index.js';
import type { ExperimentParts } from '../parts.js';
import { pinProcess } from '../pin.js';
import { blocksLeft, byBlock } from './blocks-left.js';
import type { Continued, ContinuedFolder } from './continued.js';
import { recordedArms } from './recorded-arms.js';
import { assertResumable, assertSameHost, changesOf } from './refuse.js';

/** How a run is resumed; everything has a default. */
export interface ResumeOptions extends Partial<ExperimentContext> {
  /** The run ends once more containers than that have failed in this part; absent: as the run was asked. */
  readonly maxFailures?: number | null | undefined;
}

/** What a run that is resumed asks again, and what it began with. Its folder is locked until this is disposed of. */
export interface BegunAgain extends Disposable {
  readonly request: StartsRequest | SweepRequest;
  readonly continued: Continued;
  /** Where the relative paths of the request start. */
  readonly cwd: string;
}

interface Surroundings extends Pick<ResumeOptions, 'maxFailures'> {
  readonly parts: ExperimentParts;
}

/** Reads a results folder and refuses what cannot be resumed; nothing is started or changed. Throws as said there. */
export function beginAgain(
  folder: string,
  context: ExperimentContext,
  { parts, maxFailures }: Surroundings,
): BegunAgain {
  const path = resolve(context.cwd, folder);
  const locks: Disposable[] = [];
  const unlock = (): void => {
    for (const lock of locks) lock[Symbol.dispose]();
  };
  try {
    const opened = openAll(path, context.cwd, locks);
    const [{ run }] = opened;
    const asked = askedOf(opened);
    const now = parts.fingerprint(context.env);
    assertSameHost(run.host, now);
    if (run.plan.pinnedCpu !== null) pinProcess(run.plan.pinnedCpu);
    const scenario = withPaths(run.plan.scenario, asked.cwd);
    const continued: Continued = {
      engine: run.plan.engine,
      programs: run.plan.programs ?? [],
      evidence: run.evidence,
      ...(run.plan.duet === undefined ? {} : { duet: run.plan.duet }),
      texts: textsOf(path, run),
      changes: changesOf(run.host, now),
      arms: asked.staged ? null : recordedArms(path, scenario.arms, run.evidence),
      folders: new Map(opened.map((one) => [one.run.plan.scenario.name, continuedFolder(one)])),
    };
    return {
      request: requestOf({ run, asked, scenario, maxFailures }, dirname(path)),
      continued,
      cwd: asked.cwd,
      [Symbol.dispose]: unlock,
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** A results folder that this process has locked. */
interface OpenedFolder {
  readonly path: string;
  /** From the current folder. */
  readonly shown: string;
  readonly run: RunResult;
  readonly lock: Disposable;
}

type OpenedFolders = readonly [OpenedFolder, ...OpenedFolder[]];

/** The folder, and those of the other levels where it is one level of a sweep. */
function openAll(path: string, cwd: string, locks: Disposable[]): OpenedFolders {
  if (isPercallFolder(path))
    throw new BenchError('usage', `${shownPath(path, cwd)} holds prices of calls, which are not resumed`, {
      hint: 'Start bench percall again: a block of it takes seconds.',
    });
  const open = (one: string): OpenedFolder => {
    const shown = shownPath(one, cwd);
    const lock = lockResults(one, shown);
    locks.push(lock);
    return { path: one, shown, run: readResultFolder(one), lock };
  };
  const first = open(path);
  const { sweep } = first.run.plan;
  if (sweep === undefined) return [first];
  const others = foldersIn(dirname(path))
    .map((name) => join(dirname(path), name))
    .filter((other) => other !== path && planKindIn(other).sweep?.id === sweep.id)
    .map(open);
  const missing = sweep.levels.length - 1 - others.length;
  if (missing === 0) return [first, ...others];
  throw new BenchError('input', `${first.shown} is one of ${sweep.levels.length} levels, and ${missing} are missing`, {
    hint: `The levels of a sweep take turns: put all its results folders into ${dirname(first.shown)}.`,
  });
}

/** Of a sweep, one level that is not complete is enough. */
function askedOf(opened: OpenedFolders): AskedOfStarts {
  const { shown, run } = opened.find((one) => one.run.ledger?.ended !== 'complete') ?? opened[0];
  assertResumable(shown, run);
  const { asked } = run.plan;
  if (asked === undefined) throw new RangeError('it is refused above');
  return asked;
}

/** From the current folder, unless that would climb out of it. */
function shownPath(path: string, cwd: string): string {
  const way = relative(cwd, path);
  return way === '' || way.startsWith('..') || isAbsolute(way) ? path : way;
}

/** Paths of arms from wherever the run was started. */
function withPaths(scenario: Scenario, cwd: string): Scenario {
  const from = (path: string): string => (path.includes('/') ? resolve(cwd, path) : path);
  const arms = scenario.arms.map((arm): ArmDefinition => ({
    ...arm,
    ...(arm.runtime === undefined ? {} : { runtime: from(arm.runtime) }),
    ...(arm.libseccomp === undefined ? {} : { libseccomp: from(arm.libseccomp) }),
  }));
  return { ...scenario, arms };
}

/** The text of every arm's spec, as an engine gets it. */
function textsOf(path: string, { plan, evidence }: RunResult): ReadonlyMap<string, string> {
  return new Map(
    plan.scenario.arms.map(({ name }) => {
      const kind = evidence.find(({ arm }) => arm === name)?.given?.kind ?? 'spec';
      const { bytes } = readUsedSpec(path, { arm: name, kind });
      return [name, kind === 'raw' ? bytes.toString('base64') : bytes.toString()];
    }),
  );
}

function continuedFolder({ path, run, shown, lock }: OpenedFolder): ContinuedFolder {
  const { plan, samples, repeated = [], ledger, workload } = run;
  const earlier = [...repeated, ...samples];
  const left = blocksLeft(plan.scenario, run);
  return {
    folder: shown,
    samples: earlier,
    wholeBlocks: byBlock(samples.filter(({ warmup, block }) => !warmup && left.isDone(block))),
    left,
    after: ledger?.ended ?? null,
    hasFindings: workload !== undefined,
    reopen: (found) => {
      putAside(path, found);
      return reopenResultFolder({ path, plan, earlier, lock });
    },
  };
}

interface Asking {
  readonly run: RunResult;
  readonly asked: AskedOfStarts;
  readonly scenario: Scenario;
  readonly maxFailures: number | null | undefined;
}

function requestOf(
  { run: { plan }, asked, scenario, maxFailures }: Asking,
  resultsFolder: string,
): StartsRequest | SweepRequest {
  const always = {
    engine: engineAgain(asked.engine, plan.engine),
    conversion: { ...asked.conversion, kernel: plan.kernelForProfile },
    seed: plan.seed,
    pinnedCpu: plan.pinnedCpu,
    timeoutMs: asked.timeoutMs,
    maxFailures: maxFailures === undefined ? asked.maxFailures : maxFailures,
    resultsFolder,
    commandLine: plan.command,
  };
  if (plan.sweep !== undefined && scenario.kind === 'parallel') {
    const { levels } = plan.sweep;
    const name = scenario.name.replace(/-c\d+$/, '');
    return { ...always, kind: 'sweep', scenario: { ...scenario, name, concurrency: Math.max(...levels) }, levels };
  }
  return {
    ...always,
    kind: 'starts',
    scenario,
    staged: asked.staged,
    ...(asked.counters === undefined ? {} : { counters: asked.counters }),
    stopping: plan.stopping ?? [],
    margin: asked.margin,
    counting: null,
    findings: asked.findings,
  };
}

/** The engine that was chosen, from where it was. */
function engineAgain(asked: EngineRequest, { name, path }: EngineFacts): EngineRequest {
  const choice = asked.choice === 'auto' && asked.runtime === undefined ? (name as EngineChoice) : asked.choice;
  return ['runc', 'crun', 'oci'].includes(choice) && path !== null
    ? { ...asked, choice, runtime: path }
    : { ...asked, choice };
}
