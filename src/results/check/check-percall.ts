import type { PercallPlan } from '../../model/results/percall.js';
import { firstFault, isObject, shapeFault, versionFault } from './check-documents.js';
import { expected } from './check-sample.js';

type Document = Readonly<Record<string, unknown>>;

/** What is wrong with the plan.json of a run that prices calls, as `path: expected X, got Y`. */
export function percallPlanFault(value: unknown): string | undefined {
  const version = versionFault(value);
  if (version !== undefined) return version;
  if ((value as Document)['kind'] !== 'percall') return expected('kind', '"percall"', (value as Document)['kind']);
  const fault = shapeFault('', value, {
    id: 'text',
    startedAt: 'text',
    command: 'list',
    seed: 'number',
    engine: 'object',
    pinnedCpu: 'number or null',
    capabilities: 'text',
    kernelForProfile: 'text',
    profile: 'text or null',
    dialect: 'text',
    arms: 'list',
    calls: 'list',
    blocks: 'number',
    warmup: 'number',
    rounds: 'number',
    loops: 'number',
  });
  if (fault !== undefined) return fault;
  const { engine, arms, calls, ...sizes } = value as PercallPlan;
  const small = (['blocks', 'rounds', 'loops'] as const).find(
    (name) => !Number.isInteger(sizes[name]) || sizes[name] < 1,
  );
  return (
    shapeFault('engine', engine, {
      name: 'text',
      version: 'text',
      path: 'text or null',
      rootless: 'boolean',
      notes: 'list',
    }) ??
    (small === undefined ? undefined : expected(small, 'a whole number of at least 1', sizes[small])) ??
    (arms.length < 2
      ? expected('arms', 'at least two', arms)
      : firstFault(arms, (arm, index) => shapeFault(`arms[${index}]`, arm, { name: 'text', policy: 'text' }))) ??
    (calls.length < 1
      ? expected('calls', 'at least one', calls)
      : firstFault(calls, (call, index) =>
          shapeFault(`calls[${index}]`, call, { name: 'text', nr: 'number', args: 'list' }),
        ))
  );
}

/** What is wrong with simulation.json: one line for every arm and call of the plan. */
export function simulationFault(value: unknown, { arms, calls }: PercallPlan): string | undefined {
  if (!Array.isArray(value)) return expected('(top level)', 'a list', value);
  const fault = firstFault(value, (item, index) =>
    shapeFault(`[${index}]`, item, {
      arm: 'text',
      call: 'text',
      instructions: 'number',
      action: 'text',
      errno: 'number or null',
      cached: 'boolean',
      from: 'text',
    }),
  );
  if (fault !== undefined) return fault;
  const known = new Set(value.map(({ arm, call }: { arm: string; call: string }) => `${arm} ${call}`));
  const missing = arms
    .flatMap(({ name }) => calls.map((call) => `${name} ${call.name}`))
    .find((pair) => !known.has(pair));
  return missing === undefined ? undefined : expected('(top level)', `a line for ${missing}`, undefined);
}

/** What is wrong with a line of samples.jsonl. */
export function percallSampleFault(value: unknown, plan: PercallPlan): string | undefined {
  const fault = shapeFault('', value, {
    warmup: 'boolean',
    block: 'number',
    position: 'number',
    arm: 'text',
    startNs: 'number',
    state: 'text',
  });
  if (fault !== undefined) return fault;
  const sample = value as Document;
  const names = plan.arms.map(({ name }) => name);
  if (!names.includes(String(sample['arm'])))
    return expected('arm', `one of the plan's (${names.join(', ')})`, sample['arm']);
  if (sample['state'] === 'ok') return reportFault(sample, plan);
  if (!['failed', 'timedOut', 'interrupted'].includes(String(sample['state'])))
    return expected('state', '"ok", "failed", "timedOut" or "interrupted"', sample['state']);
  return shapeFault('', sample, { cause: 'text', stderr: 'text' });
}

function reportFault(sample: Document, { calls, rounds }: PercallPlan): string | undefined {
  const { clock, seccompMode, speculation, emptyNs, calls: times } = sample;
  if (clock !== 'cpu' && clock !== 'monotonic') return expected('clock', '"cpu" or "monotonic"', clock);
  if (!Number.isInteger(seccompMode)) return expected('seccompMode', 'a whole number', seccompMode);
  if (!Array.isArray(speculation) || speculation.length !== 2)
    return expected('speculation', 'two numbers', speculation);
  if (!Array.isArray(times) || times.length !== calls.length)
    return expected('calls', `the ${calls.length} of the plan`, times);
  return (
    seriesFault('emptyNs', emptyNs, rounds) ??
    firstFault(times, (call: unknown, index) => {
      if (!isObject(call)) return expected(`calls[${index}]`, 'an object', call);
      return Number.isInteger(call['result'])
        ? seriesFault(`calls[${index}].ns`, call['ns'], rounds)
        : expected(`calls[${index}].result`, 'a whole number', call['result']);
    })
  );
}

const seriesFault = (path: string, value: unknown, length: number): string | undefined =>
  Array.isArray(value) && value.length === length && value.every((one) => typeof one === 'number' && one >= 0)
    ? undefined
    : expected(path, `${length} times of at least 0 ns`, value);
