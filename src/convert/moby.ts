import { invalidValue } from '../errors.js';
import { isDisabled, type Profile, type ProfileArg, type ProfileRule } from '../model/profile/profile.js';
import type { LeftOut, SeccompArg, SeccompRule, SeccompSpec } from '../model/profile/seccomp.js';
import { mobySeccompArch, nativeName } from './arch.js';
import { listed, trimmed, unlisted } from './architectures.js';
import { mobyObstacle, type MobyHost } from './conditions.js';
import { droppedRule, oddKeys } from './left-out.js';
import type { Conversion, ConvertRequest } from './request.js';
import { NO_NAMES } from './serialise.js';

/**
 * moby's rules (moby/profiles seccomp v0.2.3): conditions by capability, architecture and kernel; everything else is
 * copied unchanged. Throws `input` where moby refuses the profile: both lists of architectures, or both `name` and
 * `names`.
 */
export function convertAsMoby(profile: Profile, request: ConvertRequest): Conversion {
  if (isDisabled(profile)) return { spec: null, leftOut: oddKeys(profile) };
  if (profile.architectures.length > 0 && profile.archMap.length > 0) {
    throw invalidValue(profile.fileName, "either 'architectures' or 'archMap'", 'both', {
      code: 'input',
      hint: 'Remove one of them. Entries of archMap are chosen by host, architectures are copied as a whole.',
    });
  }
  const architectures = mobyArchitectures(profile, request);
  const host: MobyHost = {
    native: nativeName(request.arch),
    capabilities: request.capabilities,
    kernel: request.kernel,
  };
  const rules = mobyRules(profile, host);
  const spec: SeccompSpec = {
    defaultAction: profile.defaultAction ?? '',
    ...(profile.defaultErrnoRet === null ? {} : { defaultErrnoRet: profile.defaultErrnoRet }),
    ...(architectures.length === 0 ? {} : { architectures }),
    ...(profile.flags.length === 0 ? {} : { flags: profile.flags }),
    ...(profile.listenerPath === '' ? {} : { listenerPath: profile.listenerPath }),
    ...(profile.listenerMetadata === '' ? {} : { listenerMetadata: profile.listenerMetadata }),
    ...(rules.length === 0 ? {} : { syscalls: rules }),
  };
  return new ExplainedLater(spec, () => [
    ...unlisted(profile, architectures, request),
    ...droppedRules(profile, host),
    ...oddKeys(profile),
  ]);
}

/** Describes what was left out only when it is read: that costs as much as the conversion. */
class ExplainedLater implements Conversion {
  constructor(
    readonly spec: SeccompSpec,
    private readonly explain: () => readonly LeftOut[],
  ) {}

  get leftOut(): readonly LeftOut[] {
    return this.explain();
  }
}

function mobyArchitectures(profile: Profile, request: ConvertRequest): readonly string[] {
  const host = mobySeccompArch(request.arch);
  if (request.policy === 'native') return host === undefined ? [] : [host];
  if (profile.architectures.length > 0)
    return request.policy === 'trim' ? trimmed(profile.architectures, request.arch).kept : profile.architectures;
  if (request.policy === 'all') return [...new Set(listed(profile.archMap))];
  const entry = profile.archMap.find((candidate) => host !== undefined && (candidate.architecture ?? '') === host);
  return entry === undefined ? [] : listed([entry]);
}

/** The index in the profile of every rule that applies. */
export const mobyOrigins = (profile: Profile, { arch, capabilities, kernel }: ConvertRequest): readonly number[] =>
  profile.syscalls.flatMap((rule, index) =>
    mobyObstacle(rule, { native: nativeName(arch), capabilities, kernel }) === undefined ? [index] : [],
  );

function mobyRules(profile: Profile, host: MobyHost): readonly SeccompRule[] {
  const rules: SeccompRule[] = [];
  profile.syscalls.forEach((rule, index) => {
    // Before the conditions: moby refuses a rule with both `name` and `names` even where it does not apply.
    const names = mobyNames(profile, rule, index);
    if (mobyObstacle(rule, host) === undefined) rules.push(mobyRule(rule, names));
  });
  return rules;
}

const droppedRules = (profile: Profile, host: MobyHost): readonly LeftOut[] =>
  profile.syscalls.flatMap((rule, index) => {
    const obstacle = mobyObstacle(rule, host);
    return obstacle === undefined ? [] : [droppedRule(index, mobyNames(profile, rule, index), obstacle())];
  });

function mobyNames(profile: Profile, rule: ProfileRule, index: number): readonly string[] {
  if (rule.name === '') return rule.names ?? NO_NAMES;
  if (rule.names === null || rule.names.length === 0) return [rule.name];
  throw invalidValue(`${profile.fileName}: syscalls[${index}]`, "either 'name' or 'names'", 'both', {
    code: 'input',
    hint: 'Move the single name into names.',
  });
}

function mobyRule(rule: ProfileRule, names: readonly string[]): SeccompRule {
  const action = rule.action ?? '';
  if (rule.errnoRet === null)
    return rule.args.length === 0 ? { names, action } : { names, action, args: rule.args.map(specArg) };
  return {
    names,
    action,
    errnoRet: rule.errnoRet,
    ...(rule.args.length === 0 ? {} : { args: rule.args.map(specArg) }),
  };
}

/** An argument condition as the OCI specification has it; a second value of 0 is the same as none. */
export function specArg(arg: ProfileArg): SeccompArg {
  const op = arg.op ?? '';
  return arg.valueTwo === 0
    ? { index: arg.index, value: arg.value, op }
    : { index: arg.index, value: arg.value, valueTwo: arg.valueTwo, op };
}
