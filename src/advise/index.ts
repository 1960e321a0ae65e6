import { release } from 'node:os';
import { basename, resolve } from 'node:path';
import { BenchError, invalidValue } from '../errors.js';
import { engineMakes, foreseeCalls, hostMachine, realParts, runExperiment } from '../experiment/index.js';
import type { ExperimentParts } from '../experiment/index.js';
import type { ActionUse, AdviceForeknown } from '../model/analysis/advice.js';
import type { EngineChoice } from '../model/container/container.js';
import type { AdviceRequest, AdviceResult, CountsSource } from '../model/experiment/advice-request.js';
import type { CallsResult, ExperimentContext } from '../model/experiment/events.js';
import type { CallsRequest, StartsRequest } from '../model/experiment/request.js';
import type { AdvisedOption, AdviceRecord } from '../model/results/advice-record.js';
import { FORMAT_VERSION } from '../model/results/format.js';
import { UNKNOWN_CALL } from '../model/results/percall/percall.js';
import type { NamedCall } from '../model/results/percall/percall.js';
import type { SeccompSpec } from '../model/profile/seccomp.js';
import type { SequentialScenario } from '../model/run/scenario.js';
import { profileIn, readSource, sourceOptions } from '../profile/index.js';
import { writeAdvice } from '../results/index.js';
import { listEdit } from './trim.js';
import type { ListFile } from './trim.js';
import type { Machine } from '../payload/index.js';
import { percallArms } from '../scenario/index.js';
import { actionUses } from './actions.js';
import { AS_IS, advisedArms } from './arms.js';
import type { OptionArm } from './arms.js';
import { observedCounts, readCounts } from './counts.js';
import type { ObservedCounts } from './counts.js';

/** Options differ so much that a start would pay for the teardown of the one before it (docs/method.md). */
const PAUSE_MS = 5;
/** The margin of the verdicts on starts: a share. */
const MARGIN = 0.01;
const CALL_ROUNDS = 25;
const CALL_LOOPS = 1000;

/**
 * Measures what each option for a profile would save at a start and per call: two experiments, one of starts and one of
 * calls. What a report needs besides their results folders is stored as advice.json in that of the starts.
 *
 * Throws as {@link runExperiment}, and `input` for a profile that disables seccomp and for counts that cannot be read,
 * before anything is started.
 */
export async function runAdvice(
  request: AdviceRequest,
  context: ExperimentContext,
  parts: () => ExperimentParts = realParts,
): Promise<AdviceResult> {
  const plan = await planAdvice(request, context);
  context.notify({ kind: 'adviceForeknown', foreknown: plan.foreknown });
  const starts = await runExperiment(plan.starts, context, parts());
  const [folder = ''] = starts.folders;
  const onlyStarts = {
    starts: folder,
    calls: null,
    actions: null,
    failed: starts.failed,
    notRemoved: starts.notRemoved,
  };
  if (starts.ended !== 'complete' || starts.notRemoved !== null) return { ...onlyStarts, ended: starts.ended };
  const priced = await priceAll(plan, context, parts);
  if (priced === 'stopped') return { ...onlyStarts, ended: 'interrupted' };
  const folders = { calls: folderOf(priced.calls), actions: folderOf(priced.actions) };
  writeAdvice(resolve(context.cwd, folder), {
    ...plan.record,
    calls: folders.calls === null ? null : basename(folders.calls),
    ...(folders.actions === null ? {} : { actions: basename(folders.actions) }),
  });
  return { starts: folder, ...folders, ...endOf([starts, priced.calls, priced.actions]) };
}

const folderOf = (result: CallsResult | null): string | null => result?.folders[0] ?? null;

/** How runs ended that followed one another: as the last of them, with the failures of all. */
function endOf(results: readonly (Pick<CallsResult, 'ended' | 'failed' | 'notRemoved'> | null)[]) {
  const ran = results.filter((result) => result !== null);
  const last = ran.at(-1);
  return {
    ended: last?.ended ?? 'complete',
    failed: ran.reduce((sum, { failed }) => sum + failed, 0),
    notRemoved: last?.notRemoved ?? null,
  };
}

interface PricedRuns {
  /** `null`: no call could be priced. */
  readonly calls: CallsResult | null;
  /** `null`: the profile has no such action, or the run before did not end well. */
  readonly actions: CallsResult | null;
}

/** Prices calls, then actions; `stopped`: before the first measured container of a run. */
async function priceAll(
  plan: AdvicePlan,
  context: ExperimentContext,
  parts: () => ExperimentParts,
): Promise<PricedRuns | 'stopped'> {
  const calls = plan.calls === null ? null : await callsUnlessStopped(plan.calls, context, parts());
  if (plan.calls !== null && calls === null) return 'stopped';
  const isWell = calls === null || (calls.ended === 'complete' && calls.notRemoved === null);
  if (plan.actions === null || !isWell) return { calls, actions: null };
  const actions = await callsUnlessStopped(plan.actions, context, parts());
  return actions === null ? 'stopped' : { calls, actions };
}

/** `null` where it was stopped before its first measured container: the starts are kept. */
async function callsUnlessStopped(
  request: CallsRequest,
  context: ExperimentContext,
  parts: ExperimentParts,
): Promise<CallsResult | null> {
  if (context.signal.aborted) return null;
  try {
    return await runExperiment(request, context, parts);
  } catch (error) {
    if (error instanceof BenchError && error.code === 'interrupted') return null;
    throw error;
  }
}

interface AdvicePlan {
  readonly starts: StartsRequest;
  /** `null`: no call can be priced. */
  readonly calls: CallsRequest | null;
  /** `null`: the profile asks no listener and no tracer, and logs nothing. */
  readonly actions: CallsRequest | null;
  readonly foreknown: AdviceForeknown;
  readonly record: Omit<AdviceRecord, 'calls' | 'actions'>;
}

/** Reads profile and counts, and decides what is measured. Throws `usage` and `input`, before anything is started. */
async function planAdvice(request: AdviceRequest, context: ExperimentContext): Promise<AdvicePlan> {
  const { conversion, dialect } = request;
  if (request.profile === '-') throw invalidValue('profile', 'a file', 'standard input, which is read only once');
  const file = request.profile ?? undefined;
  const { profile } = profileIn(await readSource(file, context, sourceOptions({ ...conversion, dialect })));
  const counts = await countsFrom(request.counts, context);
  const machine = hostMachine();
  const choice = request.engine.choice === 'auto' ? 'namespaces' : request.engine.choice;
  const advised = advisedArms({
    profile,
    file,
    machine,
    capabilities: conversion.capabilities,
    kernel: conversion.kernel ?? release(),
    dialect,
    counts,
    engine: await engineMakes({ ...request.engine, choice }, context.env),
  });
  const { arms, options } = advised;
  const scenario: SequentialScenario = {
    kind: 'sequential',
    name: 'advise',
    arms,
    dialect,
    warmup: 4,
    pauseMs: PAUSE_MS,
    ...(file === undefined ? {} : { profile: file }),
    count: request.startBlocks,
  };
  const isTrimmed = options.some((one) => one.option === 'trim' && 'arm' in one);
  const list = isTrimmed ? { profile, path: resolve(context.cwd, file ?? ''), machine } : null;
  const { priced, foreknown: known } = foreknownOf(advised.spec, { calls: request.calls, list, machine });
  const uses = actionUses(advised.spec, counts);
  const foreknown = uses.length === 0 ? known : { ...known, actions: uses };
  return {
    starts: startsRequest(request, choice, scenario),
    calls: priced.length === 0 ? null : callsRequest({ ...request, calls: priced }, choice, scenario),
    actions: uses.length === 0 ? null : actionsRequest(request, choice, uses),
    foreknown,
    record: {
      formatVersion: FORMAT_VERSION,
      kind: 'advise',
      profile: request.profile ?? 'the built-in default',
      baseline: AS_IS,
      options: options.map(optionRecord),
      foreknown,
      counts:
        counts === null
          ? null
          : { from: counts.from, first: advised.first, cached: advised.cached, warnings: counts.warnings },
    },
  };
}

interface Foreseen {
  /** The calls that can be priced. */
  readonly priced: readonly NamedCall[];
  readonly foreknown: AdviceForeknown;
}

/** What can be told of a profile's own spec, and of the list that is to be cut, before anything is measured. */
function foreknownOf(
  spec: SeccompSpec,
  {
    calls,
    list,
    machine,
  }: { readonly calls: readonly NamedCall[]; readonly list: ListFile | null; readonly machine: Machine },
): Foreseen {
  const { unpriced, needed, ...left } = foreseeCalls(spec, calls, machine);
  return {
    priced: needed === null ? left.calls : [],
    foreknown: {
      unpriced,
      needed,
      logs: spec.defaultAction === 'SCMP_ACT_LOG',
      edit: list === null ? null : listEdit(list),
    },
  };
}

function countsFrom(source: CountsSource | null, context: ExperimentContext): Promise<ObservedCounts> | null {
  if (source === null) return null;
  return source.kind === 'observe' ? observedCounts(source.command, context) : readCounts(source.path, context);
}

function optionRecord(one: OptionArm): AdvisedOption {
  if (!('arm' in one)) return one;
  const { option, arm, checked } = one;
  const { name, against } = arm;
  return {
    option,
    arm: name,
    ...(against === undefined ? {} : { against }),
    ...(checked === undefined ? {} : { checked }),
  };
}

/** Options of both experiments. */
const common = (request: AdviceRequest, choice: EngineChoice) => ({
  engine: { ...request.engine, choice },
  conversion: request.conversion,
  seed: request.seed,
  pinnedCpu: null,
  timeoutMs: request.timeoutMs,
  maxFailures: request.maxFailures,
  resultsFolder: request.resultsFolder,
  commandLine: request.commandLine,
});

const startsRequest = (request: AdviceRequest, choice: EngineChoice, scenario: SequentialScenario): StartsRequest => ({
  kind: 'starts',
  ...common(request, choice),
  scenario,
  staged: false,
  stopping: [],
  margin: MARGIN,
  counting: null,
  findings: { explain: false, touch: [], profiler: null },
  // What nearly all starts on a host are, where the runtime keeps compiled filters.
  presetCache: 'warm',
});

/** The plain filter that is built beforehand is the same filter at a call, so all others are compared with as-is. */
const callsRequest = (request: AdviceRequest, choice: EngineChoice, scenario: SequentialScenario): CallsRequest => ({
  kind: 'calls',
  ...common(request, choice),
  scenario: {
    ...scenario,
    name: 'percall',
    arms: scenario.arms
      .filter(
        ({ making = {} }) => making.prebuilt === undefined || making.form !== undefined || making.first !== undefined,
      )
      .map(({ against: _, ...arm }) => arm),
    warmup: 1,
    count: request.callBlocks,
  },
  calls: request.calls,
  rounds: CALL_ROUNDS,
  loops: CALL_LOOPS,
  equalArms: 'refuse',
});

/** Actions are priced without the profile's filter, under filters with one rule. */
const actionsRequest = (request: AdviceRequest, choice: EngineChoice, uses: readonly ActionUse[]): CallsRequest => ({
  kind: 'calls',
  ...common(request, choice),
  scenario: {
    kind: 'sequential',
    name: 'percall',
    arms: percallArms([]),
    dialect: request.dialect,
    warmup: 1,
    count: request.callBlocks,
    pauseMs: 0,
  },
  calls: [{ name: UNKNOWN_CALL.name, args: [] }],
  rounds: CALL_ROUNDS,
  loops: CALL_LOOPS,
  actions: uses.map(({ action }) => action),
  actionsMayLack: true,
  equalArms: 'drop',
});
