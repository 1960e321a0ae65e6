import { FORMAT_VERSIONS } from '../../model/results/format.js';
import type { AdviceRecord } from '../../model/results/advice-record.js';
import type { ResultDocuments } from '../../model/results/documents.js';
import type { ActionPlan, ActionSample } from '../../model/results/percall/action-price.js';
import type { CallerReport } from '../../model/results/percall/caller-report.js';
import type { PercallPlan, PercallSample, SimulatedCall } from '../../model/results/percall/percall.js';
import type { RunPlan } from '../../model/results/result.js';
import type { ArmDefinition } from '../../model/run/scenario.js';
import { blocksOf, containersPerTurn, type Scenario } from '../../model/run/scenario.js';
import { documentFault } from './schema.js';
import { expected, firstFault, isObject, type Fault } from './shape.js';

/** Containers of one run: a larger plan is a mistake, and would not fit in memory. */
const LARGEST_RUN = 50_000_000;

/** Documents with a version of their own. */
type Versioned = {
  [Name in keyof ResultDocuments]: ResultDocuments[Name] extends { formatVersion: 1 | 2 } ? Name : never;
};

/** What is wrong with a document, its format's version first, as `path: expected X, got Y`. */
export const versionedFault = (
  name: NonNullable<Versioned[keyof Versioned]>,
  value: unknown,
  arms?: readonly string[],
): Fault => versionFault(value) ?? documentFault(name, value, arms === undefined ? {} : { arms });

function versionFault(value: unknown): Fault {
  if (!isObject(value)) return expected('(top level)', 'an object', value);
  const version = value['formatVersion'];
  return (FORMAT_VERSIONS as readonly unknown[]).includes(version)
    ? undefined
    : expected('formatVersion', FORMAT_VERSIONS.join(' or '), version);
}

/** What is wrong with plan.json. */
export const planFault = (value: unknown): Fault =>
  versionedFault('plan', value) ?? sizeFault((value as RunPlan).scenario) ?? rulesFault(value as RunPlan);

function sizeFault(scenario: Scenario): Fault {
  const fault = armsFault('scenario.arms', scenario.arms, 1);
  if (fault !== undefined) return fault;
  const containers = scenario.arms.length * blocksOf(scenario) * containersPerTurn(scenario);
  return containers > LARGEST_RUN ? expected('scenario', `at most ${LARGEST_RUN} containers`, containers) : undefined;
}

function armsFault(path: string, arms: readonly ArmDefinition[], least: 1 | 2): Fault {
  const names = arms.map(({ name }) => name);
  if (names.length < least) return expected(path, least === 1 ? 'at least one arm' : 'at least two arms', names);
  return new Set(names).size < names.length ? expected(path, 'each name once', names) : undefined;
}

const rulesFault = ({ stopping = [] }: RunPlan): Fault =>
  firstFault(stopping, (rule, index) => {
    if (rule.kind === 'decided') return undefined;
    const [name, size] = rule.kind === 'halfWidth' ? ['width', rule.width] : ['milliseconds', rule.milliseconds];
    return size > 0 ? undefined : expected(`stopping[${index}].${name}`, 'a number above 0', size);
  });

/** What is wrong with a line of breaks.jsonl. */
export const breakFault = (value: unknown): Fault => documentFault('break', value);

/** What is wrong with evidence.json, whose arms must be among the plan's, each at most once. */
export const evidenceFault = (value: unknown, arms: readonly string[]): Fault =>
  documentFault('evidence', value, { arms });

/** What is wrong with advice.json. */
export function adviceFault(value: unknown): Fault {
  const fault = versionedFault('advice', value);
  if (fault !== undefined) return fault;
  const { calls, actions = null } = value as AdviceRecord;
  const wrong = Object.entries({ calls, actions }).find(([, name]) => name !== null && !isFolderName(name));
  return wrong === undefined ? undefined : expected(wrong[0], 'the name of a folder', wrong[1]);
}

const isFolderName = (name: string): boolean => /^[^/\0]+$/.test(name) && name !== '.' && name !== '..';

/** What is wrong with the plan.json of a run that prices calls. */
export function percallPlanFault(value: unknown): Fault {
  const fault = versionedFault('percallPlan', value);
  if (fault !== undefined) return fault;
  const { arms, calls, blocks, rounds } = value as PercallPlan;
  if (calls.length < 1) return expected('calls', 'at least one', calls);
  const loops = arms.length * blocks * rounds * calls.length;
  return (
    armsFault('arms', arms, 2) ??
    (loops > LARGEST_RUN ? expected('blocks', `at most ${LARGEST_RUN} timed loops`, loops) : undefined)
  );
}

/** What is wrong with a line of samples.jsonl of a run that measures the kernel memory of a filter. */
export const capacitySampleFault = (value: unknown): Fault => documentFault('capacitySample', value);

/** What is wrong with simulation.json, which has one entry for every arm and call of the plan. */
export function simulationFault(value: unknown, { arms, calls }: PercallPlan): Fault {
  const names = arms.map(({ name }) => name);
  const fault = documentFault('simulation', value, { arms: names });
  if (fault !== undefined) return fault;
  const known = new Set((value as readonly SimulatedCall[]).map(({ arm, call }) => `${arm} ${call}`));
  const pairs = names.flatMap((name) => calls.map((call) => `${name} ${call.name}`));
  const missing = pairs.find((pair) => !known.has(pair));
  return missing === undefined ? undefined : `(top level): the entry for ${missing} is missing`;
}

/** What is wrong with a line of samples.jsonl of a run that prices calls. */
export function percallSampleFault(value: unknown, plan: PercallPlan): Fault {
  const { arms, calls, rounds, blocks, actions } = plan;
  if (actions !== undefined && isObject(value) && 'action' in value) return actionSampleFault(value, plan, actions);
  const fault = documentFault('percallSample', value, { arms: arms.map(({ name }) => name) });
  if (fault !== undefined) return fault;
  const sample = value as PercallSample;
  if (!sample.warmup && sample.block >= blocks)
    return expected('block', `a whole number from 0 to ${blocks - 1}`, sample.block);
  if (sample.state !== 'ok') return undefined;
  if (sample.calls.length !== calls.length)
    return expected('calls', `the ${calls.length} of the plan`, sample.calls.length);
  return roundsFault(sample, rounds);
}

/** What is wrong with such a line of a container whose call was answered. */
function actionSampleFault(value: object, { rounds, blocks }: PercallPlan, { turns }: ActionPlan): Fault {
  const fault = documentFault('actionSample', value);
  if (fault !== undefined) return fault;
  const sample = value as ActionSample;
  const names = turns.map(({ name }) => name);
  if (!names.includes(sample.action)) return expected('action', `one of ${names.join(', ')}`, sample.action);
  if (!sample.warmup && sample.block >= blocks)
    return expected('block', `a whole number from 0 to ${blocks - 1}`, sample.block);
  if (sample.state !== 'ok') return undefined;
  if (sample.calls.length !== 1) return expected('calls', 'the one of the plan', sample.calls.length);
  return roundsFault(sample, rounds);
}

function roundsFault({ emptyNs, calls }: Pick<CallerReport, 'emptyNs' | 'calls'>, rounds: number): Fault {
  const series = [emptyNs, ...calls.map(({ ns }) => ns)];
  return firstFault(series, (times, index) =>
    times.length === rounds
      ? undefined
      : expected(index === 0 ? 'emptyNs' : `calls[${index - 1}].ns`, `${rounds} times of at least 0 ns`, times),
  );
}
