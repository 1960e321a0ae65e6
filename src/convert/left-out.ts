import type { Profile, RuleFilter } from '../model/profile/profile.js';
import type { LeftOut } from '../model/profile/seccomp.js';

const NAMES_SHOWN = 4;

/** A rule whose conditions are not met. */
export function droppedRule(index: number, names: readonly string[], reason: string): LeftOut {
  const shown =
    names.length > NAMES_SHOWN
      ? `${names.slice(0, NAMES_SHOWN).join(', ')}, ... ${names.length} calls`
      : names.join(', ');
  return { kind: 'rule', what: `syscalls[${index}] (${shown})`, reason };
}

/** Keys that mean nothing, or that occur more than once. */
export const oddKeys = (profile: Profile): readonly LeftOut[] =>
  profile.oddKeys.map(({ path, reason }) => ({ kind: 'field', what: path, reason }));

/** The fields that moby copies and iSulad does not know. */
export function droppedFields(profile: Profile): readonly LeftOut[] {
  const paths: string[] = [];
  if (profile.defaultErrnoRet !== null) paths.push('defaultErrnoRet');
  if (profile.flags.length > 0) paths.push('flags');
  if (profile.listenerPath !== '') paths.push('listenerPath');
  if (profile.listenerMetadata !== '') paths.push('listenerMetadata');
  profile.syscalls.forEach((rule, index) => {
    const path = `syscalls[${index}]`;
    if (rule.name !== '') paths.push(`${path}.name`);
    if (rule.errnoRet !== null) paths.push(`${path}.errnoRet`);
    if (hasMinKernel(rule.includes)) paths.push(`${path}.includes.minKernel`);
    if (hasMinKernel(rule.excludes)) paths.push(`${path}.excludes.minKernel`);
  });
  return paths.map((what) => ({ kind: 'field', what, reason: 'iSulad has no such field' }));
}

const hasMinKernel = (filter: RuleFilter | null): boolean => filter !== null && filter.minKernel !== null;
