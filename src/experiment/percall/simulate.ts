import { BenchError, invalidValue, unknownName } from '../../errors.js';
import {
  actionText,
  buildFilter,
  buildLxcFilter,
  callsOf,
  executeAll,
  hasBitmap,
  isConstantAllow,
  RETURN,
  Simulator,
} from '../../filter/index.js';
import type { BuildOptions, KnownCall } from '../../filter/index.js';
import { isUnconfined } from '../../model/container/container.js';
import type { ArmSpec } from '../../model/container/container.js';
import { UNKNOWN_CALL } from '../../model/results/percall/percall.js';
import type { PricedCall } from '../../model/results/percall/caller-report.js';
import type { SimulatedCall, UnpricedCall } from '../../model/results/percall/percall.js';
import type { Machine } from '../../payload/index.js';
import type { NamedCall } from '../../model/results/percall/percall.js';
import type { FittedArm } from '../arms/fit.js';
import type { ProvedExperiment } from '../states.js';
import { buildPlan } from '../arms/prediction.js';
import { isBitmapKernel } from './bitmap.js';
import { callOf, isSurvived, refuseUnpriced, unpricedUnder } from './split.js';

/**
 * The calls with their numbers on a machine; a call that was given by its number gets its name. Throws `usage` for one
 * that the machine does not have, and for one that is given twice, by name and by number.
 */
export function numbered(calls: readonly NamedCall[], machine: Machine): readonly PricedCall[] {
  const known = callsOf(machine);
  const priced = calls.map(({ name, args }) => ({ ...callNamed(name, known, machine), args }));
  const twice = priced.find(({ nr }, index) => priced.findIndex((other) => other.nr === nr) !== index);
  if (twice !== undefined) throw invalidValue('--calls', 'every call once', `${twice.name} twice`);
  return priced;
}

function callNamed(text: string, known: readonly KnownCall[], machine: Machine): Omit<PricedCall, 'args'> {
  if (text === UNKNOWN_CALL.name) return { name: text, nr: UNKNOWN_CALL.nr };
  const isNumber = /^\d+$/.test(text);
  const call = known.find(({ name, nr }) => (isNumber ? nr === Number(text) : name === text));
  if (call !== undefined) return { name: call.name, nr: call.nr };
  if (isNumber) return { name: `call_${text}`, nr: Number(text) };
  throw unknownName(
    text,
    `a system call of ${machine}`,
    known.map((one) => one.name),
    {
      hint: 'The kernel or libseccomp of this machine does not know it; another architecture may.',
    },
  );
}

/** An experiment whose filters are known. */
type Simulable = Pick<ProvedExperiment, 'arms' | 'filters' | 'builders' | 'session'>;

/**
 * What every arm's filters do with every call, found by running the bytes that were read out of a container, or,
 * where that is not allowed, those that libseccomp builds here as the engine does. Where it is not known how the engine
 * builds them, the answers are those of the plain form, and the instructions are unknown. Throws `notComparable` for a
 * call that would end or stop the caller, before a container is started for it.
 */
export function simulateArms(proved: Simulable, calls: readonly PricedCall[]): readonly SimulatedCall[] {
  const { machine, kernel } = proved.session;
  return proved.arms.flatMap((fitted) => {
    const { from, filters } = filtersOf(fitted, proved);
    return calls.map((call) => {
      const found = simulate(filters, call, { arm: fitted.name, machine, kernel });
      return { ...found, ...(from === 'unknown' ? { instructions: null } : {}), from };
    });
  });
}

/** The calls that cannot be timed under some arm, before a container is started for them. */
export const unpricedIn = (proved: Simulable, calls: readonly PricedCall[]): readonly UnpricedCall[] =>
  proved.arms.flatMap((fitted) =>
    unpricedUnder({ arm: fitted.name, ...filtersOf(fitted, proved) }, calls, proved.session.machine),
  );

/** The filters of an arm, and where their bytes are from. */
export interface ArmFilters {
  readonly from: SimulatedCall['from'];
  readonly filters: readonly Simulator[];
}

/** What a container of the arm loads, as far as it is known. Throws `input`. */
export function filtersOf({ name, arm }: FittedArm, { filters, builders, session }: Simulable): ArmFilters {
  if (isUnconfined(arm)) return { from: 'none', filters: [] };
  const loaded = filters.get(name);
  if (loaded?.state === 'seen')
    return { from: 'loaded', filters: loaded.programs.map((program) => new Simulator(program)) };
  const builder = builders.get(name);
  const plan = arm.spec === null || builder === undefined ? null : buildPlan(arm.spec, builder, arm.making);
  const filter = new Simulator(programOfArm(arm, session.machine, plan?.state === 'known' ? plan.options : arm.making));
  return {
    from: plan?.state === 'unknown' ? 'unknown' : 'predicted',
    filters: Array.from({ length: arm.making?.stacked ?? 1 }, () => filter),
  };
}

const OWN_PROFILE = "the runtime's own profile can be simulated only where its filter can be read from a container";
const OWN_HINT = 'Run bench as root on the machine of the runtime, or leave the arm runtime-default out.';

/**
 * The filter of an arm, as it was given or as libseccomp builds it here. Throws `input`, and `notComparable` for the
 * runtime's own profile.
 */
function programOfArm({ spec, given, making }: ArmSpec, machine: string, options: BuildOptions = making ?? {}): Buffer {
  if (given?.kind === 'raw') return given.filter;
  if (given?.kind === 'runtimeDefault') throw new BenchError('notComparable', OWN_PROFILE, { hint: OWN_HINT });
  if (given !== undefined) return buildLxcFilter(given.policy, given.name, machine).program;
  if (spec === null) throw new RangeError('an arm without seccomp has no filter');
  return buildFilter(spec, machine, options).program;
}

export interface SimulatedPlace {
  readonly arm: string;
  readonly machine: Machine;
  /** `uname -r` of the kernel that runs the filters. */
  readonly kernel: string;
}

/**
 * What filters, all loaded, do with a call. Throws `notComparable` where the caller would not survive it.
 */
export function simulate(
  filters: readonly Simulator[],
  { name, nr, args }: PricedCall,
  { arm, machine, kernel }: SimulatedPlace,
): Omit<SimulatedCall, 'from'> & { readonly instructions: number } {
  const call = callOf({ nr, args }, machine);
  const { value, instructions } = executeAll(filters, call);
  const action = (value & 0xffff0000) >>> 0;
  if (!isSurvived(value)) refuseUnpriced({ call: name, arm, action: actionText(value) });
  return {
    arm,
    call: name,
    instructions,
    action: actionText(value),
    errno: action === RETURN.ERRNO ? Math.min(value & 0xffff, MOST_ERRNO) : null,
    cached:
      filters.length > 0 &&
      hasBitmap(machine, nr) &&
      isBitmapKernel(kernel) &&
      filters.every((filter) => isConstantAllow(filter.instructions, call)),
  };
}

/** The kernel cuts larger numbers to this one (MAX_ERRNO). */
const MOST_ERRNO = 4095;
