import {
  auditArch,
  buildFilter,
  buildLxcFilter,
  byteOrderOfName,
  callsOf,
  executeAll,
  libseccompVersion,
  rawFilter,
  RETURN,
  Simulator,
  UnfinishedBuild,
} from '../../filter/index.js';
import type { BuiltFilter } from '../../filter/index.js';
import { BenchError } from '../../errors.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import type { ArmSource, LxcSource } from '../../model/profile/source.js';
import type { Machine } from '../../payload/index.js';

/** A call that a program makes, as far as a filter sees it. */
export interface Need {
  readonly call: string;
  readonly args: readonly bigint[];
  /** The program lives on where the call fails; only an action that ends or stops it is too much. */
  readonly mayFail?: true;
}

const STDOUT = 1n;
const PR_GET_SECCOMP = 21n;
const CLOCK_THREAD_CPU = 3n;

const SAY: Need = { call: 'write', args: [STDOUT] };
const END: Need = { call: 'exit_group', args: [0n] };

/** What the payload's first start asks of its filter (payload/payload.c, `seccomp`). */
export const PAYLOAD_NEEDS: readonly Need[] = [END, SAY, { call: 'prctl', args: [PR_GET_SECCOMP], mayFail: true }];

/** What the program that times calls asks of its filter (payload/caller.c). */
export const CALLER_NEEDS: readonly Need[] = [
  SAY,
  END,
  { call: 'clock_gettime', args: [CLOCK_THREAD_CPU] },
  { call: 'prctl', args: [PR_GET_SECCOMP], mayFail: true },
];

/** How an action of a filter treats a program, as far as a filter alone decides that. */
export type Treatment = 'allowed' | 'failing' | 'ending' | 'undecided';

/** The treatment by the upper half of a filter's answer; only a listener could decide otherwise. */
function treatmentOf(value: number, listener: boolean): Treatment {
  switch ((value & 0xffff0000) >>> 0) {
    case RETURN.ALLOW:
    case RETURN.LOG:
      return 'allowed';
    case RETURN.ERRNO:
      return 'failing';
    case RETURN.TRACE:
      // Without a tracer the kernel answers ENOSYS, and bench runs containers without one.
      return 'failing';
    case RETURN.USER_NOTIF:
      // Without a listener the kernel answers ENOSYS.
      return listener ? 'undecided' : 'failing';
    default:
      return 'ending';
  }
}

/** Filters that are known before any container, on a machine. */
export class KnownFilter {
  readonly #numbers: ReadonlyMap<string, number>;

  constructor(
    readonly filters: readonly Simulator[],
    private readonly machine: Machine,
    /** Whether somebody answers its notifications. */
    private readonly listener = false,
  ) {
    this.#numbers = new Map(callsOf(machine).map(({ name, nr }) => [name, nr]));
  }

  /** The filter's answer to a call, 32 bits; `undefined` for a call that the machine does not have. */
  answer(call: string, args: readonly bigint[] = []): number | undefined {
    const nr = this.#numbers.get(call);
    return nr === undefined ? undefined : executeAll(this.filters, { arch: auditArch(this.machine), nr, args }).value;
  }

  treatment(call: string, args: readonly bigint[] = []): Treatment {
    const value = this.answer(call, args);
    return value === undefined ? 'undecided' : treatmentOf(value, this.listener);
  }

  /** The first of a program's needs that this filter surely does not meet. */
  unmet(needs: readonly Need[]): Need | undefined {
    return needs.find(({ call, args, mayFail }) => {
      const treatment = this.treatment(call, args);
      return treatment === 'ending' || (treatment === 'failing' && mayFail !== true);
    });
  }

  /** Whether the payload can sleep: by ppoll, or where that fails by nanosleep. */
  get sleeps(): boolean {
    const first = this.treatment('ppoll');
    return (
      first === 'allowed' || first === 'undecided' || (first === 'failing' && this.treatment('nanosleep') === 'allowed')
    );
  }
}

/**
 * What a spec answers on a machine's own architecture; other architectures do not change that; `undefined` where
 * libseccomp cannot build it here. `name` is for messages. Throws `input` where libseccomp does not come to its end.
 */
export function knownFilterOf(spec: SeccompSpec, machine: Machine, name?: string): KnownFilter | undefined {
  const { architectures: _, ...native } = spec;
  return built(
    () => buildFilter(native, machine, name === undefined ? {} : { name }),
    machine,
    (spec.listenerPath ?? '') !== '',
  );
}

function built(build: () => BuiltFilter, machine: Machine, listener = false): KnownFilter | undefined {
  try {
    const { program, order } = build();
    return new KnownFilter([new Simulator(program, order)], machine, listener);
  } catch (error) {
    // A runtime would hang just the same, and a signal during the wait ends the command.
    if (error instanceof UnfinishedBuild || (error instanceof BenchError && error.code === 'interrupted')) throw error;
    // What libseccomp refuses, or a machine without libseccomp: the first start tells.
    if (error instanceof BenchError) return undefined;
    throw error;
  }
}

/**
 * The filter of what an arm loads, where it is known beforehand; `undefined` for no filter too. Throws `input` for a
 * raw filter that the kernel would refuse, a policy that LXC would refuse, and rules that libseccomp does not build to
 * their end.
 */
export function knownFilter(
  { spec, source }: { readonly spec: SeccompSpec | null; readonly source: ArmSource | null },
  machine: Machine,
): KnownFilter | undefined {
  if (spec !== null) return knownFilterOf(spec, machine, source?.name);
  if (source?.kind === 'raw') return new KnownFilter([rawFilter(source, byteOrderOfName(machine))], machine);
  return source?.kind === 'lxc' ? knownPolicy(source, machine) : undefined;
}

/** LXC gives no reason where it refuses a policy; the same libseccomp of this machine does, before the start. */
function knownPolicy({ policy, name }: LxcSource, machine: Machine): KnownFilter | undefined {
  if (libseccompVersion() === null) return undefined;
  const { program, order } = buildLxcFilter(policy, name, machine);
  return new KnownFilter([new Simulator(program, order)], machine);
}
