import { machine as hostMachine } from 'node:os';
import type { SeccompSpec } from '../../../model/profile/seccomp.js';
import type { LxcPolicy } from '../../../model/profile/source.js';
import { nativeName } from '../../inspect/architectures.js';
import { buildInProcess } from '../build.js';
import type { BuildOptions, BuiltFilter } from '../build.js';
import { libseccomp } from '../libseccomp.js';
import { buildLxcInProcess, entriesOf, lxcArchitectures } from '../lxc.js';
import { filterPlan } from '../plan.js';
import { buildApart } from './apart.js';
import { riskOf } from './risk.js';
import type { Risk } from './risk.js';

/**
 * The filter that libseccomp builds from a spec with the calls that runc and crun make: crun loads exactly this,
 * runc puts its own ENOSYS stub before it. `machine` is where the container runs, by `uname -m` or by libseccomp's
 * name; this machine by default. A spec that libseccomp may need very long for is built in a process of its own.
 *
 * Throws a `BenchError` of code `environment` where libseccomp.so.2 is missing or, for a tree, older than 2.5, and
 * `input` for what libseccomp refuses (an unknown action, operator or architecture) and for what it does not build
 * within 5 s.
 */
export function buildFilter(
  spec: SeccompSpec,
  machine: string = hostMachine(),
  options: BuildOptions = {},
): BuiltFilter {
  const key = JSON.stringify([spec, machine, options], (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
  const filter = recent.get(key) ?? buildNow(spec, machine, options);
  recent.delete(key);
  recent.set(key, filter);
  for (const oldest of [...recent.keys()].slice(0, -MOST_RECENT)) recent.delete(oldest);
  return { ...filter, program: Buffer.from(filter.program) };
}

/** A run asks for the same few filters of its arms several times, and a build takes tens of milliseconds. */
const recent = new Map<string, BuiltFilter>();
const MOST_RECENT = 8;

function buildNow(spec: SeccompSpec, machine: string, options: BuildOptions): BuiltFilter {
  const risk = riskOfSpec(spec);
  if (risk === undefined) return buildInProcess(spec, machine, options);
  // Without it there is nothing to wait for, and the error is this process's own.
  libseccomp(options.library);
  return buildApart({ kind: 'spec', spec, machine, options }, risk, options.name ?? 'the filter');
}

/** Why libseccomp may need very long for a spec. Throws `input` for a spec that no runtime could load. */
export function riskOfSpec(spec: SeccompSpec): Risk | undefined {
  const { rules, architectures } = filterPlan(spec);
  // The native one is in every filter.
  return riskOf({ rules, architectures: Math.max(1, new Set(architectures).size) });
}

/**
 * The filter that LXC builds from a policy on this machine: one libseccomp filter for each architecture it can run,
 * merged into one. `name` is for messages, `library` the path of the libseccomp.so to build with, by default this
 * machine's. Throws `input` for a policy that LXC refuses, for another machine, and for what libseccomp does not build
 * within 5 s.
 */
export function buildLxcFilter(
  policy: LxcPolicy,
  name: string,
  machine: string = hostMachine(),
  library?: string,
): BuiltFilter {
  const risk = riskOfPolicy(policy, machine);
  const options = library === undefined ? {} : { library };
  if (risk === undefined) return buildLxcInProcess(policy, name, machine, options);
  libseccomp(library);
  return buildApart({ kind: 'lxc', policy, name, machine, options }, risk, name);
}

function riskOfPolicy(policy: LxcPolicy, machine: string): Risk | undefined {
  const own = nativeName(machine);
  const rules = entriesOf(policy, own).map(({ call, conditions }) => ({ name: call, conditions }));
  return riskOf({ rules, architectures: lxcArchitectures(policy, own).length });
}
