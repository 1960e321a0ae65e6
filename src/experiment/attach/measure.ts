import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { BenchError } from '../../errors.js';
import { encodeFilter, filterFacts, kernelInstructions, sweptFilter, walkedPerCall } from '../../filter/index.js';
import type { Instruction } from '../../filter/index.js';
import { readHostUse } from '../../host/index.js';
import type { ExperimentContext } from '../../model/experiment/events.js';
import { LOAD_PARTS } from '../../model/filter/attaching.js';
import type {
  FilterAttach,
  JitSamples,
  MeasuredAttach,
  PartLine,
  PartTime,
  RecordedLoads,
} from '../../model/filter/attaching.js';
import { conditionsBetween } from '../../model/results/conditions.js';
import { ATTACH_DEFAULTS, ATTACH_LIMITS } from '../../model/run/kinds/attach.js';
import { payloadFiles } from '../../payload/index.js';
import { findProgram } from '../../process/files/find.js';
import { within } from '../../scenario/index.js';
import { attachedParts, linesOf, linesThrough, logOf, timeOf, withSampledJit } from '../../statistics/index.js';
import { JIT_ENABLE } from '../capacity/limit.js';
import { contextOf } from '../context.js';
import { hostFilter } from '../host-filter.js';
import type { FilterChoice } from '../host-filter.js';
import { otherRuns } from '../session/other-runs.js';
import { newRunId, type SessionContext } from '../session/session.js';
import { makeWorkspace, noteJit, removeWorkspace } from '../session/workspace.js';
import { recordLoads } from './loads.js';
import type { LoadOrder } from './loads.js';
import { sampleLoads } from './sample.js';
import type { SampleTools } from './sample.js';
import { jitState, jitToSwitch, notSwitched } from './switch.js';

/** What {@link measureAttach} is asked for; all of it has a default. */
export interface AttachRequest extends FilterChoice {
  /** Loads of each filter in each way, 10 to 1,000; default 100. */
  readonly rounds?: number;
  /** Of the order of loads, 0 to 99,999,999; default: drawn. */
  readonly seed?: number;
  /**
   * Switches the JIT off for moments, to tell its part; default `false`. It needs root, and filters that other programs
   * load in those moments stay interpreted.
   */
  readonly switchJit?: boolean;
  /** Tells the JIT's part by samples of perf, which needs root; default `false`. Not where the JIT is switched. */
  readonly sampleJit?: boolean;
}

/** Instructions of the filters that the lines go through; the kernel takes at most 4096. */
const SWEPT = [128, 256, 512, 1024, 1536, 2048, 3072, 4096] as const;

/**
 * What `bench attach` does: loads a filter many times, each time in a task of its own, as runtimes do and in ways of
 * which one lacks a part of the work; the same with filters of other sizes. Times are nanoseconds with 95 % intervals.
 *
 * Throws `BenchError`: `usage` (a number out of bounds), `input` (the profile), `environment` (a kernel that loads no
 * such filter, a machine without a payload, no perf or no right to sample); and the signal's reason.
 *
 * @example
 * const { attach } = await measureAttach({ profile: 'my-profile.json', sampleJit: true });
 * const jit = attach.parts.find(({ part }) => part === 'jit');
 */
export async function measureAttach(
  request: AttachRequest = {},
  surroundings: Partial<ExperimentContext> = {},
): Promise<MeasuredAttach> {
  const context = contextOf(surroundings);
  const rounds = within('rounds', request.rounds ?? ATTACH_DEFAULTS.rounds, ATTACH_LIMITS.rounds);
  const seed = within('seed', request.seed ?? drawnSeed(), ATTACH_LIMITS.seed);
  const { filter, name, machine } = await hostFilter(request, context);
  const { payload, attach: program, crowd } = payloadFiles(machine);
  const workspace = await makeWorkspace(newRunId(), context.cwd, payload);
  try {
    const { instructions } = filter;
    const walked = walkedPerCall(instructions, machine);
    const write = (one: readonly Instruction[], place: number): string => {
      const file = join(workspace, `filter-${place}.bpf`);
      writeFileSync(file, encodeFilter(one, filter.order));
      return file;
    };
    const share = walked / instructions.length;
    const files = [instructions, ...SWEPT.map((length) => sweptFilter(length, share * length))].map(write);
    const order = { rounds, seed, switchJit: request.switchJit ?? false };
    const { loads, reason, conditions } = await watched(order, { files, workspace, program }, context);
    assertLoaded(loads);
    const [own = {}, ...others] = loads.files;
    const swept = SWEPT.map((length, index) => ({ instructions: length, loads: others[index] ?? {} }));
    const jit = jitState();
    const tools = { perf: findProgram('perf', context.env['PATH']), crowd, folder: workspace, signal: context.signal };
    const isSampled = request.sampleJit === true && jit !== 0 && loads.switched !== 0;
    const sampled = isSampled ? await samplesOf(loads, files, tools) : null;
    const withJit = (one: RecordedLoads['files'][number], place: number): readonly PartTime[] =>
      withSampled(one, sampled?.[place]);
    const sweep = swept.map((one, place) => ({ instructions: one.instructions, parts: withJit(one.loads, place + 1) }));
    const attach: FilterAttach = {
      name,
      machine,
      kernel: release(),
      ...filterFacts(encodeFilter(instructions, filter.order)),
      kernelInstructions: kernelInstructions(instructions),
      walkedPerCall: walked,
      jit: jit === null ? null : jit !== 0,
      rounds,
      seed,
      conditions,
      whole: timeOf(own, 'whole'),
      parts: withJit(own, 0),
      notSwitched: notSwitched(loads.switched, reason),
      sampled: sampled?.[0] ?? null,
      log: logOf(own),
      sweep,
      lines: linesWith(
        linesOf(swept, instructions.length),
        sampled === null ? [] : linesThrough(sweep, instructions.length),
      ),
    };
    return { attach, loads };
  } finally {
    removeWorkspace(workspace);
  }
}

/** Of the filter itself, and of each other one. */
const SAMPLES = { own: 4000, swept: 1000 } as const;

/** Samples of every file, in their order. */
async function samplesOf(
  loads: RecordedLoads,
  files: readonly string[],
  tools: SampleTools,
): Promise<readonly JitSamples[]> {
  const all: JitSamples[] = [];
  for (const [place, file] of files.entries()) {
    const loadNs = timeOf(loads.files[place] ?? {}, 'empty').ns;
    all.push(await sampleLoads({ file, loadNs, samples: place === 0 ? SAMPLES.own : SAMPLES.swept }, tools));
  }
  return all;
}

function withSampled(loads: RecordedLoads['files'][number], samples: JitSamples | undefined): readonly PartTime[] {
  const parts = attachedParts(loads);
  return samples === undefined ? parts : withSampledJit(parts, timeOf(loads, 'empty'), samples);
}

/** In the order of the parts. */
const linesWith = (lines: readonly PartLine[], sampled: readonly PartLine[]): readonly PartLine[] =>
  LOAD_PARTS.flatMap((part) => [...lines, ...sampled].filter((line) => line.part === part));

const drawnSeed = (): number => Math.floor(Math.random() * ATTACH_LIMITS.seed[1]);

interface Loading {
  readonly files: readonly string[];
  readonly workspace: string;
  readonly program: string;
}

/** The loads, and how busy this machine was meanwhile. */
async function watched(order: Omit<LoadOrder, 'files'>, loading: Loading, context: SessionContext) {
  const [before, others] = [readHostUse(), otherRuns(context.cwd)];
  const found = await switched(order, loading, context);
  const seen = [...new Set([...others, ...otherRuns(context.cwd)])];
  return {
    ...found,
    conditions: conditionsBetween(before, readHostUse(), { loadBefore: before.load, otherRuns: seen }),
  };
}

async function switched(
  { rounds, seed, switchJit }: Omit<LoadOrder, 'files'>,
  { files, workspace, program }: Loading,
  { signal }: SessionContext,
) {
  const own = jitToSwitch(switchJit);
  const order = { files, rounds, seed, switchJit: own.state === 'ready' };
  if (own.state === 'not') return { loads: await recordLoads(order, { program, signal }), reason: own.reason };
  using jit = own;
  const lowered = { was: jit.was, lowered: 0 };
  noteJit(workspace, lowered);
  try {
    return { loads: await recordLoads(order, { program, signal }), reason: null };
  } finally {
    JIT_ENABLE.restore(lowered);
  }
}

/** Only the flag may be missing in a kernel, and the JIT's part. */
function assertLoaded({ refused }: RecordedLoads): void {
  const fault = refused.find(({ way }) => way !== 'log' && way !== 'interpreted');
  if (fault === undefined) return;
  throw new BenchError('environment', `the kernel refused to load the filter (errno ${fault.errno})`, {
    hint: 'The limit may be used up: see net.core.bpf_jit_limit.',
  });
}
