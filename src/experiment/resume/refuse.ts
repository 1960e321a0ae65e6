import { BenchError } from '../../errors.js';
import type { EngineFacts, RuntimeFacts } from '../../model/container/container.js';
import { FORMAT_VERSION } from '../../model/results/format.js';
import type { HostFingerprint } from '../../model/results/result.js';
import type { RunLedger } from '../../model/results/ledger.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import { loadSameFilter } from '../../model/run/evidence.js';
import type { ArmEvidence, LoadedFilter } from '../../model/run/evidence.js';
import { needsBuilds } from '../../model/run/scenario.js';
import type { DuetCores } from '../../model/run/duet.js';
import type { Scenario } from '../../model/run/scenario.js';
import type { UsedProgram } from '../../model/run/program/used-program.js';
import type { FittedArm } from '../arms/fit.js';

/** A run, as far as it decides whether it can be resumed. */
interface Resumable {
  readonly plan: {
    readonly formatVersion: number;
    readonly asked?: unknown;
    readonly scenario: Pick<Scenario, 'arms'>;
  };
  readonly host: Pick<HostFingerprint, 'bench'>;
  readonly evidence: readonly unknown[];
  readonly ledger?: Pick<RunLedger, 'ended'>;
}

/** Refuses what is complete, and what lacks something that a resumption needs. Throws `usage` and `input`. */
export function assertResumable(folder: string, { plan, host, evidence, ledger }: Resumable): void {
  if (ledger?.ended === 'complete')
    throw new BenchError('usage', `nothing left to run: the run of ${folder} is complete`, {
      hint: `bench report ${folder}`,
    });
  if (ledger?.ended === 'rule')
    throw new BenchError('usage', `nothing left to run: a rule ended the run of ${folder}`, {
      hint: 'To measure longer, start a new run with a longer --for, or without --until and --budget.',
    });
  if (needsBuilds(plan.scenario.arms))
    throw new BenchError('input', `the builds that ${folder} compares were removed when its run ended`, {
      hint: 'Start a new run with the same bench ab.',
    });
  if (plan.formatVersion !== FORMAT_VERSION || plan.asked === undefined)
    throw new BenchError('input', `${folder} was written by bench ${host.bench}, in a format without what is resumed`, {
      hint: `This version of bench resumes results of format ${FORMAT_VERSION} only. Start a new run.`,
    });
  if (evidence.length === 0)
    throw new BenchError('input', `${folder} has no evidence.json, so its treatment cannot be compared with today's`, {
      hint: 'The run ended before its first container. Start a new run.',
    });
}

/** What the numbers depend on and a reboot does not change. */
const SAME = ['machine', 'kernel', 'cpuModel', 'cpuCount', 'cgroup', 'libseccomp'] as const;

/**
 * Refuses another host than that of the first part. A reboot is allowed; without one, the name may differ too, as that
 * of a container does. Throws `notComparable`.
 */
export function assertSameHost(before: HostFingerprint, now: HostFingerprint): void {
  const differing = [
    ...SAME.filter((fact) => before[fact] !== now[fact]).map(
      (fact) => `${WORDS[fact]} ${shown(before[fact])}, now ${shown(now[fact])}`,
    ),
    ...mitigationsOf(before, now),
    ...(isSameBoot(before, now) || before.hostname === now.hostname
      ? []
      : [`host name ${before.hostname}, now ${now.hostname}`]),
    ...(emulationOfHost(before)?.kind === emulationOfHost(now)?.kind ? [] : ['emulation']),
  ];
  if (differing.length === 0) return;
  throw new BenchError('notComparable', `this is not the host where the run began: ${differing.join('; ')}`, {
    hint: 'A run is resumed on its own host only. Start a new run here.',
  });
}

const WORDS: Readonly<Record<(typeof SAME)[number], string>> = {
  machine: 'machine',
  kernel: 'kernel',
  cpuModel: 'CPU',
  cpuCount: 'CPUs',
  cgroup: 'cgroups',
  libseccomp: 'libseccomp',
};

const shown = (value: string | number | null): string => (value === null ? 'none' : String(value));

const isSameBoot = (before: HostFingerprint, now: HostFingerprint): boolean =>
  before.bootId !== undefined && before.bootId === now.bootId;

const mitigationsOf = ({ mitigations: a }: HostFingerprint, { mitigations: b }: HostFingerprint): readonly string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((name) => a[name] !== b[name])
    .map((name) => `mitigation ${name} "${a[name] ?? 'none'}", now "${b[name] ?? 'none'}"`);

/** What is different and does not stand against a resumption, one line each. */
export function changesOf(before: HostFingerprint, now: HostFingerprint): readonly string[] {
  return [
    ...(before.bootId !== undefined && now.bootId !== undefined && before.bootId !== now.bootId
      ? ['the host was booted again since']
      : []),
    ...(['bench', 'node', 'governor', 'memoryMiB'] as const)
      .filter((fact) => before[fact] !== now[fact])
      .map((fact) => `${CHANGED[fact]} ${shown(before[fact])}, now ${shown(now[fact])}`),
  ];
}

const CHANGED = { bench: 'bench', node: 'Node.js', governor: 'CPU governor', memoryMiB: 'memory in MiB' } as const;

/** Refuses other cores for the pairs of duet blocks than those of the first part. Throws `notComparable`. */
export function assertSameCores(before: DuetCores | undefined, now: DuetCores | undefined): void {
  const [old, young] = [before, now].map((one) => (one === undefined ? 'none' : one.cores.join(' and ')));
  if (old === young) return;
  throw new BenchError('notComparable', `the run began with duet blocks on the cores ${old}, now ${young}`, {
    hint: 'Give bench the cores that it had, for example with taskset.',
  });
}

/** Refuses another engine or runtime than that of the first part. Throws `notComparable`. */
export function assertSameEngine(before: EngineFacts, now: EngineFacts): void {
  const differing = (
    [
      ['engine', before.name, now.name],
      ['version', before.version, now.version],
      ['path', before.path, now.path],
      ['runtime', runtimeWords(before.runtime), runtimeWords(now.runtime)],
      ['rootless', String(before.rootless), String(now.rootless)],
    ] as const
  )
    .filter(([, one, other]) => one !== other)
    .map(([name, one, other]) => `${name} ${shown(one)}, now ${shown(other)}`);
  if (differing.length === 0) return;
  throw new BenchError('notComparable', `this is not the runtime that the run began with: ${differing.join('; ')}`, {
    hint: 'Put that runtime back, or start a new run.',
  });
}

/** Refuses a runtime or library with other bytes than those of the first part. Throws `notComparable`. */
export function assertSamePrograms(before: readonly UsedProgram[], now: readonly UsedProgram[]): void {
  for (const { path, sha256 } of before) {
    const other = now.find((one) => one.path === path);
    if (other?.sha256 === sha256) continue;
    const words =
      other === undefined
        ? 'is not used any more'
        : `has SHA-256 ${sha256.slice(0, 12)}, now ${other.sha256.slice(0, 12)}`;
    throw new BenchError('notComparable', `this is not the runtime that the run began with: ${path} ${words}`, {
      hint: 'Put that file back, or start a new run.',
    });
  }
}

const runtimeWords = (runtime: RuntimeFacts | undefined): string =>
  runtime === undefined
    ? 'none'
    : `${runtime.name} ${shown(runtime.version)} (${shown(runtime.path)}, libseccomp ${shown(runtime.libseccomp)})`;

/** Refuses a spec that this runtime no longer loads as a whole. Throws `notComparable`. */
export function assertSameSpecs(arms: readonly FittedArm[], recorded: ReadonlyMap<string, string>): void {
  for (const { name, arm } of arms) {
    if (recorded.get(name) === arm.text) continue;
    throw new BenchError('notComparable', `arm ${name}: the spec is not the one that the run began with`, {
      hint: 'Its profile, the runtime or bench has changed since. Start a new run.',
    });
  }
}

/**
 * Refuses arms whose containers load other filters than those in evidence.json. A filter that could not be seen then
 * need not be seen now. Throws `notComparable`.
 */
export function assertSameTreatment(before: readonly ArmEvidence[], now: readonly ArmEvidence[]): void {
  for (const own of now) {
    const earlier = before.find(({ arm }) => arm === own.arm);
    const change = earlier === undefined ? 'it has no evidence' : changeOf(earlier, own);
    if (change === undefined) continue;
    throw new BenchError('notComparable', `arm ${own.arm}: ${change}`, {
      hint: 'The treatment is not the one that the run began with. Start a new run.',
    });
  }
}

function changeOf(before: ArmEvidence, now: ArmEvidence): string | undefined {
  if (before.specSha256 !== now.specSha256) return 'its spec has other bytes than before';
  if (before.seccompMode !== now.seccompMode)
    return `seccomp mode ${shown(before.seccompMode)} before, now ${shown(now.seccompMode)}`;
  if (before.loaded.state === 'notSeen') return undefined;
  if (now.loaded.state === 'notSeen')
    return `the filter that its containers load was seen before and cannot be seen now (${now.loaded.reason})`;
  return loadSameFilter(before, now) === true
    ? undefined
    : `its containers loaded ${filterWords(before.loaded)} before, now ${filterWords(now.loaded)}`;
}

function filterWords(loaded: LoadedFilter): string {
  if (loaded.state === 'notSeen' || loaded.programs.length === 0) return 'no filter';
  return loaded.programs
    .map(({ instructions, sha256 }) => `${instructions} instructions (${sha256.slice(0, 12)})`)
    .join(' and ');
}
