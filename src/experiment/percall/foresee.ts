import type { NamedCall } from '../../model/results/percall/percall.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import type { Machine } from '../../payload/index.js';
import { CALLER_NEEDS, knownFilterOf } from '../preflight/needs.js';
import { numbered } from './simulate.js';
import { unpricedUnder } from './split.js';

/** What can be told of timing calls under a spec before anything is started. */
export interface ForeseenCalls {
  /** The calls that can be timed. */
  readonly calls: readonly NamedCall[];
  /** Those that would end or stop the program that times them, with the filter's answer. */
  readonly unpriced: readonly { readonly call: string; readonly action: string }[];
  /** What that program needs and the filter denies; `null`: it can run. */
  readonly needed: string | null;
}

/** Looks at the calls under the filter that libseccomp builds from a spec. Throws `usage` for an unknown call. */
export function foreseeCalls(spec: SeccompSpec, calls: readonly NamedCall[], machine: Machine): ForeseenCalls {
  const filter = knownFilterOf(spec, machine);
  if (filter === undefined) return { calls, unpriced: [], needed: null };
  const unpriced = unpricedUnder({ arm: '', filters: filter.filters }, numbered(calls, machine), machine);
  return {
    calls: calls.filter(({ name }) => unpriced.every(({ call }) => call !== name)),
    unpriced: unpriced.map(({ call, action }) => ({ call, action })),
    needed: filter.unmet(CALLER_NEEDS)?.call ?? null,
  };
}
