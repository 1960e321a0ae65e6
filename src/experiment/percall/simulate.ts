import { release } from 'node:os';
import { BenchError } from '../../errors.js';
import {
  actionText,
  AUDIT_ARCH,
  buildFilter,
  callsOf,
  executeAll,
  hasBitmap,
  isConstantAllow,
  RETURN,
  Simulator,
} from '../../filter/index.js';
import { UNKNOWN_CALL } from '../../model/results/percall.js';
import type { PricedCall, SimulatedCall, NamedCall } from '../../model/results/percall.js';
import type { Machine } from '../../payload/index.js';
import { seePrograms } from '../arms/see-filters.js';
import type { Session } from '../session/session.js';
import type { SettledArm } from '../arms/fit.js';

/** What is answered without ending or stopping the caller, by the action's bits. */
const SURVIVED: readonly number[] = [RETURN.ALLOW, RETURN.LOG, RETURN.ERRNO];
const AUDIT = { x86_64: AUDIT_ARCH.X86_64, aarch64: AUDIT_ARCH.AARCH64 } as const;

/** The calls with their numbers on a machine. Throws `usage` for one it does not have. */
export function numbered(calls: readonly NamedCall[], machine: Machine): readonly PricedCall[] {
  const known = callsOf(machine);
  return calls.map(({ name, args }) => {
    const nr = name === UNKNOWN_CALL.name ? UNKNOWN_CALL.nr : known.find((call) => call.name === name)?.nr;
    if (nr === undefined)
      throw new BenchError('usage', `--calls: expected system calls of ${machine}, got ${name}`, {
        hint: "Another architecture may have it; this machine's kernel or libseccomp does not know it.",
      });
    return { name, nr, args };
  });
}

/**
 * What every arm's filters do with every call, found by running the bytes that were read out of a container of it, or,
 * where that is not allowed, those that
 * libseccomp builds here. Throws `notComparable` for a call that would end or stop the caller: no container is started
 * for it.
 */
export async function simulateArms(
  arms: readonly SettledArm[],
  calls: readonly PricedCall[],
  session: Session,
): Promise<readonly SimulatedCall[]> {
  const simulated: SimulatedCall[] = [];
  for (const settled of arms) {
    const { from, filters } = await filtersOf(settled, session);
    simulated.push(
      ...calls.map((call) => ({
        ...simulate(filters, call, { arm: settled.name, machine: session.machine, kernel: release() }),
        from,
      })),
    );
  }
  return simulated;
}

interface ArmFilters {
  readonly from: SimulatedCall['from'];
  readonly filters: readonly Simulator[];
}

async function filtersOf({ name, arm }: SettledArm, session: Session): Promise<ArmFilters> {
  if (arm.spec === null) return { from: 'none', filters: [] };
  const loaded = await seePrograms(name, session);
  if (loaded.state === 'seen')
    return { from: 'loaded', filters: loaded.programs.map((program) => new Simulator(program)) };
  const filter = new Simulator(buildFilter(arm.spec, session.machine, arm.making).program);
  return { from: 'predicted', filters: Array.from({ length: arm.making?.stacked ?? 1 }, () => filter) };
}

export interface SimulatedPlace {
  readonly arm: string;
  readonly machine: Machine;
  /** `uname -r` of the kernel that runs the filters. */
  readonly kernel: string;
}

/**
 * What filters, loaded one upon the other, do with a call. Throws `notComparable` where the caller would not live on.
 */
export function simulate(
  filters: readonly Simulator[],
  { name, nr, args }: PricedCall,
  { arm, machine, kernel }: SimulatedPlace,
): Omit<SimulatedCall, 'from'> {
  // Where its own memory lies the caller alone knows; no filter of a profile asks for an address.
  const call = { arch: AUDIT[machine], nr, args: args.map((arg) => (arg === '@' ? 0n : BigInt(arg))) };
  const { value, instructions } = executeAll(filters, call);
  const action = (value & 0xffff0000) >>> 0;
  if (!SURVIVED.includes(action)) {
    throw new BenchError(
      'notComparable',
      `Expected calls that a filter allows or answers with an errno, got ${name} under ${arm}: ${actionText(value)}`,
      {
        hint: 'It would end or stop the program that times it. Leave it out of --calls, or the arm out of --arms.',
      },
    );
  }
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

/** The bitmap of calls that are always allowed came with Linux 5.11. */
function isBitmapKernel(kernel: string): boolean {
  const [, major = 0, minor = 0] = (/^(\d+)\.(\d+)/.exec(kernel) ?? []).map(Number);
  return major > 5 || (major === 5 && minor >= 11);
}

/** The kernel cuts larger numbers to this one (MAX_ERRNO). */
const MOST_ERRNO = 4095;
