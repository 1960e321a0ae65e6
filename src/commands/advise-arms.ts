import { convertProfile, goArchFromName, hasExplicitArchitectures, parseCapabilities, serialiseSpec } from '../convert/index.js';
import { BenchError } from '../errors.js';
import { buildFilter, isConstantAllow, callsOf, Simulator, surveyCalls, toLoadable, AUDIT_ARCH } from '../filter/index.js';
import type { AdviceOption } from '../model/advice.js';
import type { FilterMaking } from '../model/filter-making.js';
import type { Profile } from '../model/profile.js';
import type { ArmDefinition } from '../model/scenario.js';
import type { ArchitecturePolicy, Dialect, SeccompSpec } from '../model/seccomp.js';
import type { Machine } from '../payload/index.js';
import { orderOf } from './advise-counts.js';
import type { ObservedCounts } from './advise-counts.js';

/** What the arms are made from. */
export interface AdviceSubject {
  readonly profile: Profile;
  readonly file: string | undefined;
  readonly machine: Machine;
  readonly caps: string;
  readonly kernel: string;
  readonly dialect: Dialect;
  /** `null`: no counts were given. */
  readonly counts: ObservedCounts | null;
}

/** An option's arm, or why it has none. */
export type OptionArm =
  | { readonly option: AdviceOption; readonly arm: ArmDefinition; /** What was checked of the filter's answers. */ readonly checked?: string }
  | { readonly option: AdviceOption; readonly reason: string };

/** The arm that the others are held against: the host's architectures, as Docker and iSulad keep them. */
export const AS_IS = 'as-is';
const CONTROL = 'control';

/** The baseline, then an arm for each option that can change something, then the control. */
export function advisedArms(subject: AdviceSubject): { readonly arms: readonly ArmDefinition[]; readonly options: readonly OptionArm[]; readonly first: readonly string[] } {
  const profile = subject.file === undefined ? {} : { profile: subject.file };
  const host = specFor('host', subject);
  if (host === null) throw new BenchError('input', 'Expected a profile with a default action or rules, got one that disables seccomp', { hint: 'There is nothing to advise about a container without a filter.' });
  const plain = buildFilter(host, subject.machine);
  const first = subject.counts === null ? [] : orderOf(subject.counts, cachedBy(plain.program, subject.machine));
  const made = (option: AdviceOption, making: FilterMaking): OptionArm => madeArm(option, making, { host, plain, subject, profile });
  const options: readonly OptionArm[] = [
    policyArm('hostOnly', 'all', subject, host, profile),
    policyArm('nativeOnly', 'native', subject, host, profile),
    made('tree', { form: 'tree' }),
    subject.counts === null ? { option: 'ordered', reason: 'no counts were given: --counts FILE takes the output of strace -c or a syscalls.json, --observe COMMAND counts' } : made('ordered', { first }),
    made('prebuilt', { prebuilt: true }),
  ];
  const baseline: ArmDefinition = { name: AS_IS, policy: 'host', ...profile };
  return { options, first, arms: [baseline, ...options.flatMap((one) => ('arm' in one ? [one.arm] : [])), { ...baseline, name: CONTROL, copyOf: AS_IS }] };
}

function specFor(policy: ArchitecturePolicy, { profile, machine, caps, kernel, dialect }: AdviceSubject): SeccompSpec | null {
  const { spec } = convertProfile(profile, { arch: goArchFromName(machine), policy, dialect, capabilities: parseCapabilities(caps), kernel });
  return toLoadable(spec, { machine }).spec;
}

function policyArm(option: AdviceOption, policy: ArchitecturePolicy, subject: AdviceSubject, host: SeccompSpec, profile: object): OptionArm {
  if (policy === 'all' && hasExplicitArchitectures(subject.profile)) return { option, reason: 'the profile lists its architectures itself, so all are kept whatever is chosen' };
  if (serialiseSpec(specFor(policy, subject)) === serialiseSpec(host)) return { option, reason: 'it changes nothing: the spec is the same' };
  return { option, arm: { name: policy, policy, ...profile } };
}

interface Made {
  readonly host: SeccompSpec;
  readonly plain: ReturnType<typeof buildFilter>;
  readonly subject: AdviceSubject;
  readonly profile: object;
}

function madeArm(option: AdviceOption, making: FilterMaking, { host, plain, subject, profile }: Made): OptionArm {
  const arm: ArmDefinition = { name: option, policy: 'host', making, ...profile };
  const other = buildFilter(host, subject.machine, making);
  if (option === 'prebuilt') return { option, arm, checked: `the bytes are those that libseccomp builds at a start (SHA-256 ${plain.sha256.slice(0, 12)})` };
  if (other.sha256 === plain.sha256) return { option, reason: 'it changes nothing: libseccomp builds the same filter' };
  const [before, after] = [plain, other].map(({ program }) => answersOf(program));
  const different = [...(before ?? [])].filter(([call, answers]) => after?.get(call) !== answers).length;
  return { option, arm, checked: different === 0 ? `for all ${before?.size ?? 0} calls libseccomp knows of its architectures the possible answers are the same (simulated)` : `${different} of ${before?.size ?? 0} calls can be answered otherwise (simulated): look at them with bench inspect before you use it` };
}

/** The answers each call can get. */
function answersOf(program: Buffer): ReadonlyMap<string, string> {
  return new Map(surveyCalls(program).map(({ arch, nr, outcomes }) => [`${arch} ${nr}`, outcomes.map(({ action }) => action).sort().join(' ')]));
}

function cachedBy(program: Buffer, machine: Machine): (name: string) => boolean {
  const { instructions } = new Simulator(program);
  const numbers = new Map(callsOf(machine).map(({ name, nr }) => [name, nr]));
  const arch = machine === 'x86_64' ? AUDIT_ARCH.X86_64 : AUDIT_ARCH.AARCH64;
  return (name) => {
    const nr = numbers.get(name);
    return nr !== undefined && isConstantAllow(instructions, { arch, nr });
  };
}
