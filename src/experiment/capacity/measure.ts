import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeFilter, filterFacts, kernelInstructions, kernelProgramBytes, mostStacked } from '../../filter/index.js';
import type { AnyResult, ExperimentContext } from '../../model/experiment/events.js';
import { FORMAT_VERSION } from '../../model/results/format.js';
import type { CapacityPlan, CapacitySample, CountedSample } from '../../model/results/capacity.js';
import { CAPACITY_DEFAULTS, CAPACITY_LIMITS } from '../../model/run/kinds/capacity.js';
import type { CapacityScenario } from '../../model/run/kinds/capacity.js';
import { payloadFiles } from '../../payload/index.js';
import { writeCapacityFolder } from '../../results/index.js';
import { within } from '../../scenario/index.js';
import { roomFrom } from '../../statistics/index.js';
import { contextOf } from '../context.js';
import { hostFilter } from '../host-filter.js';
import type { FilterChoice, HostFilter } from '../host-filter.js';
import { realParts } from '../parts.js';
import { resultsParent } from '../record/results.js';
import { newRunId } from '../session/session.js';
import { makeWorkspace, noteLimit, removeWorkspace } from '../session/workspace.js';
import { withCrowd } from './crowd.js';
import type { CrowdMaker } from './crowd.js';
import { JIT_LIMIT, limitToLower } from './limit.js';
import { memorySamples } from './memory.js';
import { countUnderLimits } from './room.js';
import type { CountUnder } from './room.js';
import { settled } from './settle.js';
import { stackTrial } from './stack.js';

/** What {@link measureCapacity} is asked for; all of it has a default. */
export interface CapacityRequest extends FilterChoice, Partial<Omit<CapacityScenario, 'kind' | 'profile' | 'dialect'>> {
  /** Folder in which the results folder is created; default `results`. */
  readonly resultsFolder?: string;
  /** What was typed, for the record; default: empty. */
  readonly commandLine?: readonly string[];
}

/** Of the room: other programs load filters, too. */
const TRIES = 3;
const JIT_ENABLE = '/proc/sys/net/core/bpf_jit_enable';

/**
 * What `bench capacity` does: loads a filter in many tasks that sleep, and in one as often as the kernel lets it; with
 * `untilRefused` also counts how many fit under net.core.bpf_jit_limit, which is lowered while tasks are made. Writes
 * what it saw, in bytes, to a results folder: `analyseResults` reads it, `writeReport` reports it.
 *
 * Throws `BenchError`: `usage` (a number out of bounds), `input` (the profile), `environment` (a kernel that loads no
 * filter here, no right to lower the limit, a machine without a payload); and the signal's reason.
 *
 * @example
 * const { folders } = await measureCapacity({ profile: 'my-profile.json', tasks: 200 });
 * const analysed = analyseResults(folders);
 * const memory = analysed.kind === 'capacity' ? analysed.capacity.memory : null;
 */
export async function measureCapacity(
  request: CapacityRequest = {},
  surroundings: Partial<ExperimentContext> = {},
): Promise<AnyResult> {
  const context = contextOf(surroundings);
  const scenario = scenarioOf(request);
  const { resultsFolder = 'results', commandLine = [] } = request;
  const made = await hostFilter(request, context);
  const { filter, machine } = made;
  using lowering = scenario.untilRefused ? limitToLower() : null;
  const parent = resultsParent(resultsFolder, context);
  const host = realParts().fingerprint(context.env);
  const { payload, crowd: program } = payloadFiles(machine);
  const runId = newRunId();
  const workspace = await makeWorkspace(runId, context.cwd, payload);
  try {
    const bytes = encodeFilter(filter.instructions, filter.order);
    const file = join(workspace, 'filter.bpf');
    writeFileSync(file, bytes);
    const plan = planOf({ ...made, scenario, commandLine }, { bytes, runId, limit: lowering?.limit ?? null });
    const samples = await samplesOf(
      { plan, file, workspace, cgroup: `${runId}-memory` },
      {
        program,
        signal: context.signal,
      },
    );
    const name = writeCapacityFolder(parent, { plan, host, samples, filter: bytes });
    return { folders: [join(resultsFolder, name)], ended: 'complete', failed: 0, notRemoved: null };
  } finally {
    removeWorkspace(workspace);
  }
}

function scenarioOf(request: CapacityRequest): CapacityScenario {
  const { name = 'capacity', title, profile, dialect = 'moby' } = request;
  return {
    kind: 'capacity',
    name,
    ...(title === undefined ? {} : { title }),
    ...(profile === undefined ? {} : { profile }),
    dialect,
    tasks: within('tasks', request.tasks ?? CAPACITY_DEFAULTS.tasks, CAPACITY_LIMITS.tasks),
    stacked: within('stacked', request.stacked ?? CAPACITY_DEFAULTS.stacked, CAPACITY_LIMITS.stacked),
    untilRefused: request.untilRefused ?? false,
  };
}

interface Planned extends HostFilter {
  readonly scenario: CapacityScenario;
  readonly commandLine: readonly string[];
}

interface Loaded {
  readonly bytes: Buffer;
  readonly runId: string;
  readonly limit: number | null;
}

function planOf(
  { filter, name, machine, scenario, commandLine }: Planned,
  { bytes, runId, limit }: Loaded,
): CapacityPlan {
  const [length, page] = [kernelInstructions(filter.instructions), pageBytes()];
  return {
    formatVersion: FORMAT_VERSION,
    kind: 'capacity',
    id: runId.replace(/^sb-/, ''),
    startedAt: new Date().toISOString(),
    command: commandLine,
    scenario,
    filter: {
      name,
      machine,
      ...filterFacts(bytes),
      kernelInstructions: length,
      predicted: { program: kernelProgramBytes(length, page), stacked: mostStacked(length) },
    },
    jit: jitState(),
    pageBytes: page,
    limit,
  };
}

interface Measuring {
  readonly plan: CapacityPlan;
  readonly file: string;
  readonly workspace: string;
  readonly cgroup: string;
}

async function samplesOf(measuring: Measuring, maker: CrowdMaker): Promise<readonly CapacitySample[]> {
  const { plan, file, cgroup } = measuring;
  const { scenario, pageBytes, filter } = plan;
  const { tasks, stacked } = scenario;
  const memory = await memorySamples({ file, tasks, stacked, pageBytes, cgroup }, maker);
  const trial = await stackTrial(file, filter.predicted.stacked, maker);
  await settled(maker.signal);
  return [...memory, { kind: 'stack', trial }, ...(await countedSamples(measuring, maker))];
}

async function countedSamples(
  { plan, file, workspace }: Measuring,
  maker: CrowdMaker,
): Promise<readonly CountedSample[]> {
  const { jit, limit, scenario } = plan;
  if (jit === false || limit === null) return [];
  const count: CountUnder = async (lowered, tasks) => {
    noteLimit(workspace, { was: limit, lowered });
    try {
      const order = { filter: file, tasks, stacked: scenario.stacked, limit: lowered };
      return await withCrowd(order, maker, ({ crowd }) => crowd);
    } finally {
      JIT_LIMIT.restore({ was: limit, lowered });
      await settled(maker.signal);
    }
  };
  const samples: CountedSample[] = [];
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const counted = await countUnderLimits(limit, count);
    samples.push(...counted.map((one): CountedSample => ({ kind: 'counted', attempt, ...one })));
    const { room } = roomFrom(limit, counted, scenario.stacked);
    if (room.state === 'measured' || room.reason !== 'disturbed') break;
  }
  return samples;
}

function jitState(): boolean | null {
  try {
    return readFileSync(JIT_ENABLE, 'utf8').trim() !== '0';
  } catch {
    return null;
  }
}

/** Key of the page size in the auxiliary vector (AT_PAGESZ of elf.h). */
const AT_PAGESZ = 6n;

function pageBytes(): number {
  const vector = readFileSync('/proc/self/auxv');
  for (let at = 0; at + 16 <= vector.length; at += 16)
    if (vector.readBigUInt64LE(at) === AT_PAGESZ) return Number(vector.readBigUInt64LE(at + 8));
  return 4096;
}
