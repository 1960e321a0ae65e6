import { invalidValue } from '../errors.js';
import type { Profile, ProfileRule, RuleFilter } from '../model/profile/profile.js';
import { kernelMeets } from './kernel.js';

/** Returns why a rule does not apply here; `undefined` = it applies. */
export type Obstacle = (() => string) | undefined;

/** The host and container a moby conversion is for. */
export interface MobyHost {
  /** moby's name of the architecture. */
  readonly native: string;
  readonly capabilities: readonly string[];
  readonly kernel: string;
}

/** moby's test of a rule, in moby's order: excludes (any of) before includes (all capabilities, any architecture). */
export function mobyObstacle({ excludes, includes }: ProfileRule, host: MobyHost): Obstacle {
  return (excludes && mobyExcluded(excludes, host)) ?? (includes && mobyNotIncluded(includes, host)) ?? undefined;
}

function mobyExcluded(filter: RuleFilter, host: MobyHost): Obstacle {
  if (filter.arches.includes(host.native)) return () => `excluded on ${host.native}`;
  const held = filter.caps.find((cap) => host.capabilities.includes(cap));
  if (held !== undefined) return () => `excluded for containers with ${held}`;
  const { minKernel } = filter;
  if (minKernel === null || !kernelMeets(host.kernel, minKernel)) return undefined;
  return () => `excluded from kernel ${minKernel.kernel}.${minKernel.major} on (this is ${host.kernel})`;
}

function mobyNotIncluded(filter: RuleFilter, host: MobyHost): Obstacle {
  if (filter.arches.length > 0 && !filter.arches.includes(host.native)) {
    const here = host.native === '' ? 'a host that moby has no name for' : host.native;
    return () => `only for ${filter.arches.join(', ')} (this is ${here})`;
  }
  const missing = filter.caps.find((cap) => !host.capabilities.includes(cap));
  if (missing !== undefined) return () => `requires ${missing}`;
  const { minKernel } = filter;
  if (minKernel === null || kernelMeets(host.kernel, minKernel)) return undefined;
  return () => `requires kernel ${minKernel.kernel}.${minKernel.major} (this is ${host.kernel})`;
}

/** What an iSulad conversion reads besides the rule; the host is not part of it. */
export interface IsuladHost {
  readonly profile: Profile;
  readonly capabilities: readonly string[];
  /** iSulad's names by libseccomp's. */
  readonly archNames: ReadonlyMap<string, string>;
}

/**
 * iSulad's test of a rule: one of the capabilities is enough (in any case), architectures are looked up in all of
 * `archMap` regardless of the host, and minKernel is ignored.
 */
export function isuladObstacle({ excludes, includes }: ProfileRule, host: IsuladHost): Obstacle {
  const held = new Set(host.capabilities.map((cap) => cap.toUpperCase()));
  const holds = (cap: string): boolean => held.has(upperAscii(cap));
  const listed = (arch: string): boolean => isListed(host, arch);
  if (includes !== null && includes.arches.length > 0 && !includes.arches.some(listed)) {
    return () => `archMap has none of ${includes.arches.join(', ')}`;
  }
  if (includes !== null && includes.caps.length > 0 && !includes.caps.some(holds))
    return () => `requires one of ${includes.caps.join(', ')}`;
  const arch = excludes?.arches.find(listed);
  if (arch !== undefined) return () => `excluded because archMap has ${arch}`;
  const cap = excludes?.caps.find(holds);
  return cap === undefined ? undefined : () => `excluded for containers with ${cap}`;
}

/**
 * The search ends without a match at the first architecture that iSulad has no name for (is_arch_in_seccomp in
 * specs_security.c).
 */
function isListed({ profile, archNames }: IsuladHost, arch: string): boolean {
  for (const [index, entry] of profile.archMap.entries()) {
    if (entry.architecture === null) {
      throw invalidValue(`${profile.fileName}: archMap[${index}].architecture`, 'a string', 'nothing', {
        code: 'input',
        hint: 'iSulad crashes on such an entry when a rule names architectures. --dialect moby accepts it.',
      });
    }
    for (const name of [entry.architecture, ...entry.subArchitectures]) {
      const known = archNames.get(name);
      if (known === undefined) return false;
      if (known === arch) return true;
    }
  }
  return false;
}

/** strcasecmp in the C locale: ASCII letters only. */
const upperAscii = (text: string): string => text.replace(/[a-z]/g, (char) => char.toUpperCase());
