import { invalidValue, type BenchError } from '../errors.js';
import type { Profile, ProfileRule } from '../model/profile/profile.js';
import type { LeftOut, SeccompRule } from '../model/profile/seccomp.js';
import { ISULAD_NAMES_AFTER, ISULAD_NAMES_BEFORE, isuladSeccompArch } from './arch.js';
import { listed, unlisted } from './architectures.js';
import { isuladObstacle, type IsuladHost } from './conditions.js';
import { droppedFields, droppedRule, oddKeys } from './left-out.js';
import { specArg } from './moby.js';
import type { Conversion, ConvertRequest } from './request.js';

const MAX_UINT32 = 4294967295;

/**
 * iSulad's rules, before its architecture filter (policy `all`) and after it (`host`). Throws `input` where iSulad
 * refuses the profile: no default action, a rule without names or action, no rule that applies.
 */
export function convertAsIsulad(given: Profile, request: ConvertRequest): Conversion {
  const profile = given.isuladReading?.() ?? given;
  if (profile.defaultAction === null) throw missing(profile, 'defaultAction', 'a string');
  profile.syscalls.forEach((rule, index) => {
    checkRule(profile, rule, `syscalls[${index}]`);
  });
  const architectures = isuladArchitectures(profile, request);
  const { rules, dropped } = isuladRules(profile, request);
  return {
    spec: {
      defaultAction: profile.defaultAction,
      ...(architectures.length === 0 ? {} : { architectures }),
      ...(rules.length === 0 ? {} : { syscalls: rules }),
    },
    leftOut: [...unlisted(profile, architectures, request), ...dropped, ...droppedFields(profile), ...oddKeys(profile)],
  };
}

/** Throws what iSulad's generated parser refuses. */
function checkRule(profile: Profile, rule: ProfileRule, path: string): void {
  if (rule.names === null || rule.names.length === 0) throw missing(profile, `${path}.names`, 'a list of system calls');
  if (rule.action === null) throw missing(profile, `${path}.action`, 'a string');
  rule.args.forEach((arg, index) => {
    if (arg.op === null) throw missing(profile, `${path}.args[${index}].op`, 'a string');
    if (arg.index > MAX_UINT32) {
      throw refused(profile, `${path}.args[${index}].index`, {
        expected: `an integer from 0 to ${MAX_UINT32}`,
        got: arg.index.toString(),
      });
    }
  });
}

function isuladArchitectures(profile: Profile, request: ConvertRequest): readonly string[] {
  if (request.policy === 'all') return listed(profile.archMap);
  const host = isuladSeccompArch(request.arch);
  if (host === undefined) return [];
  const entry = profile.archMap.find((candidate) => candidate.architecture === host);
  return request.policy === 'native' || entry === undefined ? [host] : listed([entry]);
}

/** The index in the profile of every rule that applies. */
export function isuladOrigins(profileAsMoby: Profile, request: ConvertRequest): readonly number[] {
  const profile = profileAsMoby.isuladReading?.() ?? profileAsMoby;
  const host = isuladHost(profile, request);
  return profile.syscalls.flatMap((rule, index) => (isuladObstacle(rule, host) === undefined ? [index] : []));
}

const isuladHost = (profile: Profile, { capabilities, policy }: ConvertRequest): IsuladHost => ({
  profile,
  capabilities,
  archNames: policy === 'all' ? ISULAD_NAMES_BEFORE : ISULAD_NAMES_AFTER,
});

function isuladRules(
  profile: Profile,
  request: ConvertRequest,
): { rules: readonly SeccompRule[]; dropped: readonly LeftOut[] } {
  const host = isuladHost(profile, request);
  const rules: SeccompRule[] = [];
  const dropped: LeftOut[] = [];
  profile.syscalls.forEach((rule, index) => {
    const names = rule.names ?? [];
    const obstacle = isuladObstacle(rule, host);
    if (obstacle !== undefined) dropped.push(droppedRule(index, names, obstacle()));
    else
      rules.push({
        names,
        action: rule.action ?? '',
        ...(rule.args.length === 0 ? {} : { args: rule.args.map(specArg) }),
      });
  });
  if (rules.length === 0 && profile.syscalls.length > 0) {
    throw refused(profile, 'syscalls', {
      expected: 'a rule that applies here',
      got: `none among ${profile.syscalls.length}`,
    });
  }
  return { rules, dropped };
}

const missing = (profile: Profile, path: string, expected: string): BenchError =>
  refused(profile, path, { expected, got: 'nothing' });

const refused = (
  { fileName }: Profile,
  path: string,
  { expected, got }: { readonly expected: string; readonly got: string },
): BenchError =>
  invalidValue(`${fileName}: ${path}`, expected, got, {
    code: 'input',
    hint: 'iSulad refuses such a profile. --dialect moby may accept it.',
  });
