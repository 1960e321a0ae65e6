import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { BenchError } from '../../errors.js';
import type { EngineChoice, EngineFacts } from '../../model/container/container.js';
import type { ExperimentContext } from '../../model/experiment/events.js';
import type { StartsRequest } from '../../model/experiment/request.js';
import type { EngineRequest } from '../../model/experiment/settings.js';
import type { AskedOfStarts } from '../../model/results/asked.js';
import type { RunResult } from '../../model/results/result.js';
import type { ArmDefinition, Scenario } from '../../model/run/scenario.js';
import { lockResults, putAside, readResultFolder, readUsedSpec, reopenResultFolder } from '../../results/index.js';
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
  readonly request: StartsRequest;
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
  const shown = shownPath(path, context.cwd);
  const lock = lockResults(path, shown);
  try {
    const run = readResultFolder(path);
    const asked = askedOf(shown, run);
    const now = parts.fingerprint(context.env);
    assertSameHost(run.host, now);
    if (run.plan.pinnedCpu !== null) pinProcess(run.plan.pinnedCpu);
    const scenario = withPaths(run.plan.scenario, asked.cwd);
    const continued: Continued = {
      engine: run.plan.engine,
      evidence: run.evidence,
      texts: textsOf(path, run),
      changes: changesOf(run.host, now),
      arms: asked.staged ? null : recordedArms(path, scenario.arms, run.evidence),
      folders: new Map([[scenario.name, continuedFolder(path, { run, shown, lock })]]),
    };
    return {
      request: requestOf({ run, asked, scenario, maxFailures }, dirname(path)),
      continued,
      cwd: asked.cwd,
      [Symbol.dispose]: () => {
        lock[Symbol.dispose]();
      },
    };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function askedOf(folder: string, run: RunResult): AskedOfStarts {
  assertResumable(folder, run);
  const { asked, sweep } = run.plan;
  if (asked === undefined) throw new RangeError('it is refused above');
  if (sweep !== undefined)
    throw new BenchError('usage', `${folder} is one level of a sweep, which cannot be resumed`, {
      hint: `Its levels take turns. Start the sweep again; bench report ${folder} shows what was measured.`,
    });
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

function continuedFolder(
  path: string,
  { run, shown, lock }: { readonly run: RunResult; readonly shown: string; readonly lock: Disposable },
): ContinuedFolder {
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

function requestOf({ run: { plan }, asked, scenario, maxFailures }: Asking, resultsFolder: string): StartsRequest {
  return {
    kind: 'starts',
    engine: engineAgain(asked.engine, plan.engine),
    conversion: { ...asked.conversion, kernel: plan.kernelForProfile },
    seed: plan.seed,
    pinnedCpu: plan.pinnedCpu,
    timeoutMs: asked.timeoutMs,
    maxFailures: maxFailures === undefined ? asked.maxFailures : maxFailures,
    resultsFolder,
    commandLine: plan.command,
    scenario,
    staged: asked.staged,
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
