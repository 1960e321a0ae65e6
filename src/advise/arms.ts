import {
  convertProfile,
  goArchFromName,
  hasExplicitArchitectures,
  readsExplicitList,
  serialiseSpec,
  trimmed,
} from '../convert/index.js';
import { BenchError } from '../errors.js';
import {
  buildFilter,
  filterPlan,
  isConstantAllow,
  callsOf,
  libseccompVersion,
  namesWithRule,
  Simulator,
  surveyCalls,
  toLoadable,
  auditArch,
} from '../filter/index.js';
import { callsNamed, makingWay, takesFinished } from '../experiment/index.js';
import type { MakingEngine } from '../experiment/index.js';
import type { AdviceOption } from '../model/analysis/advice.js';
import type { FilterMaking } from '../model/filter/filter-making.js';
import type { Capability } from '../model/profile/capabilities.js';
import type { Profile } from '../model/profile/profile.js';
import type { ArmDefinition } from '../model/run/scenario.js';
import type { ArchitecturePolicy, Dialect, SeccompSpec } from '../model/profile/seccomp.js';
import type { Machine } from '../payload/index.js';
import { orderOf } from './counts.js';
import type { ObservedCounts } from './counts.js';
import { formatCount } from '../model/numbers.js';

/** What the arms are made from. */
export interface AdviceSubject {
  readonly profile: Profile;
  readonly file: string | undefined;
  readonly machine: Machine;
  readonly capabilities: readonly Capability[];
  readonly kernel: string;
  readonly dialect: Dialect;
  /** Which filters the engine makes or takes. */
  readonly engine: MakingEngine;
  /** `null`: no counts were given. */
  readonly counts: ObservedCounts | null;
}

/** An option's arm, or why it has none. */
export type OptionArm =
  | {
      readonly option: AdviceOption;
      readonly arm: ArmDefinition;
      /** What was checked of the filter's answers. */ readonly checked?: string;
    }
  | { readonly option: AdviceOption; readonly reason: string };

/** The arm that the others are compared with: the host's architectures, as Docker and iSulad keep them. */
export const AS_IS = 'as-is';
const CONTROL = 'control';
/** The arm of the plain filter that is built before the run, by the name of its option. */
const PREBUILT: AdviceOption = 'prebuilt';

/** What is to be measured. */
export interface AdvisedArms {
  /** The baseline, then an arm for each option that can change something, then the control. */
  readonly arms: readonly ArmDefinition[];
  readonly options: readonly OptionArm[];
  /** Observed calls that have a rule, in the order in which it is tried. */
  readonly first: readonly string[];
  /** Those of them that the kernel has cached. */
  readonly cached: readonly string[];
  /** The unchanged profile's. */
  readonly spec: SeccompSpec;
}

/** Builds and compares the filters. Throws `input` for a profile that disables seccomp or that libseccomp refuses. */
export function advisedArms(subject: AdviceSubject, build: typeof buildFilter = buildFilter): AdvisedArms {
  const profile = subject.file === undefined ? {} : { profile: subject.file };
  const host = specFor('host', subject);
  if (host === null)
    throw new BenchError('input', 'the profile disables seccomp: it has no rules and no default action', {
      hint: 'Without a filter there is nothing to improve.',
    });
  const plain = build(host, subject.machine, subject.file === undefined ? {} : { name: subject.file });
  const isCached = cachedBy(plain.program, subject.machine);
  const first = subject.counts === null ? [] : namesWithRule(orderOf(subject.counts, isCached), filterPlan(host));
  const made = (option: AdviceOption, making: FilterMaking): OptionArm =>
    madeArm(option, making, { host, plain, subject, profile, build });
  const before = isFinishedOnly(subject.engine) ? ({ prebuilt: true } as const) : {};
  const options: readonly OptionArm[] = [
    policyArm('hostOnly', 'all', subject, host, profile),
    ...(hasExplicitArchitectures(subject.profile) ? [policyArm('trim', 'trim', subject, host, profile)] : []),
    policyArm('nativeOnly', 'native', subject, host, profile),
    made('tree', { form: 'tree', ...before }),
    subject.counts === null
      ? {
          option: 'ordered',
          reason:
            'there are no counts to order rules by (output of strace -c, a syscalls.json, or a command to observe)',
        }
      : made('ordered', { first, ...before }),
    made('prebuilt', { prebuilt: true }),
  ];
  const baseline: ArmDefinition = { name: AS_IS, policy: 'host', ...profile };
  return {
    options,
    first,
    spec: host,
    cached: first.filter(isCached),
    arms: [
      baseline,
      ...options.flatMap((one) => ('arm' in one ? [one.arm] : [])),
      { ...baseline, name: CONTROL, copyOf: AS_IS },
    ],
  };
}

function specFor(
  policy: ArchitecturePolicy,
  { profile, machine, capabilities, kernel, dialect }: AdviceSubject,
): SeccompSpec | null {
  const { spec } = convertProfile(profile, {
    arch: goArchFromName(machine),
    policy,
    dialect,
    capabilities,
    kernel,
  });
  return toLoadable(spec, { machine }).spec;
}

function policyArm(
  option: AdviceOption,
  policy: ArchitecturePolicy,
  subject: AdviceSubject,
  host: SeccompSpec,
  profile: object,
): OptionArm {
  if (policy === 'all' && readsExplicitList(subject.profile, subject.dialect))
    return { option, reason: 'the profile lists its architectures explicitly, and Docker copies such a list whole' };
  if (policy === 'trim' && !readsExplicitList(subject.profile, subject.dialect))
    return { option, reason: 'iSulad ignores the list "architectures", so there is nothing to cut' };
  if (policy === 'trim' && trimmed(subject.profile.architectures, goArchFromName(subject.machine)).dropped.length === 0)
    return { option, reason: 'this machine runs every architecture of the list' };
  if (serialiseSpec(specFor(policy, subject)) === serialiseSpec(host))
    return { option, reason: 'it changes nothing: the spec is the same' };
  return { option, arm: { name: policy, policy, ...profile } };
}

interface Made {
  readonly host: SeccompSpec;
  readonly plain: ReturnType<typeof buildFilter>;
  readonly subject: AdviceSubject;
  readonly profile: object;
  readonly build: typeof buildFilter;
}

function madeArm(
  option: AdviceOption,
  making: FilterMaking,
  { host, plain, subject, profile, build }: Made,
): OptionArm {
  const reason = whyNotMade(making, host, subject.engine);
  if (reason !== undefined) return { option, reason };
  const isAgainstPlain = option !== 'prebuilt' && making.prebuilt === true;
  const against = isAgainstPlain ? { against: PREBUILT } : {};
  const arm: ArmDefinition = { name: option, policy: 'host', making, ...against, ...profile };
  const other = build(host, subject.machine, making);
  if (option === 'prebuilt')
    return {
      option,
      arm,
      checked: `its bytes are those that libseccomp builds at a start (SHA-256 ${plain.sha256.slice(0, 12)})`,
    };
  if (other.sha256 === plain.sha256) return { option, reason: 'it changes nothing: libseccomp builds the same filter' };
  const [before, after] = [plain, other].map(({ program }) => answersOf(program));
  const calls = new Set([before, after].flatMap((answers) => [...(answers?.keys() ?? [])]));
  const different = [...calls].filter((call) => after?.get(call) !== before?.get(call)).length;
  if (different > 0)
    return {
      option,
      reason:
        `for ${formatCount(different)} of ${formatCount(calls.size)} calls the answers of the filter that libseccomp ` +
        `${libseccompVersion() ?? ''} builds differ from those of the plain one (simulated)`,
    };
  return {
    option,
    arm,
    checked:
      `the possible answers to all ${formatCount(calls.size)} calls that libseccomp knows of its architectures ` +
      'are the same (simulated)',
  };
}

/** A runtime that builds filters its own way and takes finished ones: another form is measured only when finished. */
const isFinishedOnly = (engine: MakingEngine): boolean => engine.makesFilters !== true && takesFinished(engine, AS_IS);

/** Without a full stop; `undefined`: the engine comes to such a filter. */
function whyNotMade(making: FilterMaking, spec: SeccompSpec, engine: MakingEngine): string | undefined {
  const way = makingWay(engine, AS_IS, making, spec);
  if (way.kind === 'refused') return `${way.words}; --engine namespaces, bwrap or crun can measure this`;
  const builder = engine.builderOf?.(AS_IS);
  if (making.form !== 'tree' || making.prebuilt === true || engine.makesFilters === true) return undefined;
  if (way.kind !== 'itself' || builder?.kind !== 'libseccomp') return undefined;
  return (
    `${builder.runtime ?? engine.facts.name} builds a binary tree already: ` +
    `the spec names ${callsNamed(spec)} calls, more than ${builder.treeAbove ?? 0}`
  );
}

/** The answers each call can get. */
function answersOf(program: Buffer): ReadonlyMap<string, string> {
  return new Map(
    surveyCalls(program).map(({ arch, nr, outcomes }) => [
      `${arch} ${nr}`,
      outcomes
        .map(({ action }) => action)
        .sort()
        .join(' '),
    ]),
  );
}

function cachedBy(program: Buffer, machine: Machine): (name: string) => boolean {
  const { instructions } = new Simulator(program);
  const numbers = new Map(callsOf(machine).map(({ name, nr }) => [name, nr]));
  const arch = auditArch(machine);
  return (name) => {
    const nr = numbers.get(name);
    return nr !== undefined && isConstantAllow(instructions, { arch, nr });
  };
}
