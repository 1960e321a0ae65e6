import { basename } from 'node:path';
import type { AnalysedRun, Comparison, Metric, Verdict } from '../../model/analysis/analysis.js';
import { EMULATION_WORDS, emulationOfHost } from '../../model/run/emulation.js';
import { isTimed } from '../../model/analysis/judgement.js';
import { machineOf, type RunPlan } from '../../model/results/result.js';
import { baselineOf, blocksOf, controlOf, countedThing, referenceOf, unitOf } from '../../model/run/scenario.js';
import type { ArmPolicy, FilterCache, Scenario } from '../../model/run/scenario.js';
import { timeRule } from '../../model/run/stopping.js';
import { givenWords, instructionsShort } from '../run/evidence.js';
import { counted, formatBudget, formatCount, marginText } from '../text/format.js';
import type { Telling } from './verdict.js';
import { chartArchitecture } from '../run/published.js';

/** The verdict before a sentence: `Faster: ...`. */
export const VERDICT_LABELS: Readonly<Record<Verdict, string>> = {
  faster: 'Faster',
  slower: 'Slower',
  equivalent: 'Equivalent',
  inconclusive: 'Inconclusive',
  invalid: 'Invalid',
  described: 'No verdict',
  functional: 'Functional',
};

/** The verdict in one or two words. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  faster: 'faster',
  slower: 'slower',
  equivalent: 'equivalent',
  inconclusive: 'inconclusive',
  invalid: 'invalid',
  described: 'description only',
  functional: 'functional proof',
};

/** A verdict next to its figures: equal only within a margin; less or more of what is not a time. */
export function verdictWords({ metric, verdict }: Pick<Comparison, 'metric' | 'verdict'>, margin: number): string {
  if (verdict === 'equivalent') return `equivalent within ${marginText(margin)}`;
  return lessOrMore(metric, verdict) ?? VERDICT_WORDS[verdict];
}

/** What is not a time is not faster; `null`: it is a time, or no difference. */
export function lessOrMore(metric: Metric, verdict: Verdict): 'less' | 'more' | null {
  if (isTimed(metric) || (verdict !== 'faster' && verdict !== 'slower')) return null;
  return verdict === 'faster' ? 'less' : 'more';
}

/** The verdict as one of all tests of the report, where it differs from the row's own; else `null`. */
export const otherByFamily = ({ family, verdict }: Pick<Comparison, 'family' | 'verdict'>): Verdict | null =>
  family === null || family.verdict === verdict ? null : family.verdict;

/**
 * `x86_64 sequential`: architecture and kind, in the words of the published charts; the level of a sweep and the
 * node of a fleet; marked where it was emulated.
 */
export function runTitle({ run }: AnalysedRun): string {
  const {
    host,
    plan: { scenario, sweep, node },
  } = run;
  const level = sweep === undefined || scenario.kind === 'sequential' ? '' : `, ${scenario.concurrency} in flight`;
  const emulation = emulationOfHost(host);
  const mark = emulation === null ? '' : ` (emulated: ${EMULATION_WORDS[emulation.kind]})`;
  return `${chartArchitecture(machineOf(run))} ${kindWords(scenario)}${level}${
    node === undefined
      ? ''
      : `, \
${node}`
  }${mark}`;
}

function kindWords(scenario: Scenario): string {
  const { kind, program } = scenario;
  return program === undefined
    ? unitOf(scenario) === 'exec'
      ? 'exec'
      : kind
    : [
        `workload ${basename(program.args[0] ?? '')}`,
        ...(kind === 'parallel' ? ['parallel'] : []),
        ...(program.via === 'exec' ? ['by exec'] : []),
      ].join(', ');
}

/**
 * `500 containers per arm, one after the other`, or what a batch was; with "at most" where a rule may end the run.
 */
export function scenarioWords({ scenario, stopping = [] }: Pick<RunPlan, 'scenario' | 'stopping'>): string {
  const time = timeRule(stopping);
  if (time !== undefined) {
    const each =
      scenario.kind === 'sequential'
        ? `${countedThing(scenario)}s`
        : `batches of ${counted(scenario.count, 'container')}`;
    return `as many ${each} per arm as fit into ${formatBudget(time.milliseconds)}`;
  }
  const most = stopping.length === 0 ? '' : 'at most ';
  if (scenario.kind === 'sequential')
    return `${most}${counted(scenario.count, countedThing(scenario))} per arm, one after the other`;
  const flight = scenario.concurrency >= scenario.count ? 'all at once' : `${scenario.concurrency} at once`;
  return `${most}${counted(scenario.rounds, 'batch', 'batches')} per arm of ${counted(scenario.count, 'container')}, \
${flight}`;
}

/** The unit of comparison: every arm once, with one container or one batch each. */
export const blockWords = (scenario: Scenario, count: number): string =>
  scenario.kind === 'sequential' ? counted(count, 'block') : counted(count, 'batch', 'batches');

/**
 * `500 of 500 blocks`; where a rule may end the run its count is the most it may take: `150 of at most 1000 blocks`.
 */
export function progressWords({
  run: {
    plan: { scenario, stopping = [] },
  },
  analysis,
}: AnalysedRun): string {
  // As many as fit were asked for.
  if (timeRule(stopping) !== undefined) return blockWords(scenario, analysis.blocksComplete);
  const planned = stopping.length === 0 ? analysis.blocksPlanned : blocksOf(scenario);
  const most = stopping.length === 0 ? '' : 'at most ';
  return `${formatCount(analysis.blocksComplete)} of ${most}${blockWords(scenario, planned)}`;
}

/** What an arm's `totalSeconds` measures. */
export function totalWords({ run, analysis }: AnalysedRun): string {
  const scenario = run.plan.scenario;
  return scenario.kind === 'sequential'
    ? `seconds for ${counted(analysis.soloBlocks ?? analysis.blocksComplete, countedThing(scenario))}`
    : `seconds for a batch of ${counted(scenario.count, 'container')}`;
}

/** The names of the baseline, of its byte copy, and of all arms that are compared, in the order of the scenario. */
export interface ArmRoles {
  readonly baseline: string;
  readonly control: string | undefined;
  readonly compared: readonly string[];
  /** The baseline, and every other arm that some are compared with. */
  readonly baselines: readonly string[];
}

/** The part of each arm in a run. */
export function rolesOf({ run }: AnalysedRun): ArmRoles {
  const arms = run.plan.scenario.arms;
  const baseline = baselineOf(arms);
  const control = controlOf(arms);
  const compared = arms.map(({ name }) => name).filter((name) => referenceOf(arms, name) !== null);
  const others = compared.map((name) => referenceOf(arms, name)?.baseline ?? baseline);
  return { baseline, control, compared, baselines: [...new Set([baseline, ...others])] };
}

/** Whether the starts of an arm found a compiled filter; `null` where its runtime keeps none. */
export const cacheOf = ({ run }: AnalysedRun, arm: string): FilterCache | null =>
  run.plan.scenario.arms.find(({ name }) => name === arm)?.cache ?? null;

/** `runc 1.1.5, 500 containers per arm, one after the other`. */
export const runSubtitle = ({ run }: AnalysedRun): string =>
  `${engineWords(run.plan.engine)}, ${scenarioWords(run.plan)}`;

/** The engine that starts any OCI runtime: the runtime's own name says more. */
const ANY_RUNTIME = 'oci';

/** Between engines where each arm has another. */
const AND = ' and ';

interface NamedEngine {
  readonly name: string;
  readonly version: string;
}

/** One engine, or each of those of the arms. */
function enginesIn({ name, version }: NamedEngine): readonly NamedEngine[] {
  const names = name.split(AND);
  const versions = version.split(AND);
  if (names.length !== 1 && names.length !== versions.length) return [{ name, version }];
  return versions.map((own, index) => ({ name: names[index] ?? name, version: own }));
}

/** The engine's name, or the runtime's own where it is known. */
function nameOf({ name, version }: NamedEngine): string {
  const own = /^([A-Za-z][\w-]*)(?= +(?:version\b|release\b|v?\d))/.exec(version)?.[1];
  return name === ANY_RUNTIME ? (own ?? name) : name;
}

/** `runc`, or `runc and crun` where the arms have different ones. */
export const engineNames = (engine: NamedEngine): string => [...new Set(enginesIn(engine).map(nameOf))].join(AND);

/** Of `containerd 1.6.20~ds1, runc version 1.1.5`: `cri (containerd 1.6.20, runc 1.1.5)`. */
function criWords(version: string): string {
  const parts = version.split(', ').map((part) => {
    const [, name, number] = /^(\S+) (?:version )?\D*(\d+(?:\.\d+)*)/.exec(part) ?? [];
    return name === undefined ? part : `${name} ${number ?? ''}`;
  });
  return `cri (${parts.join(', ')})`;
}

/**
 * `runc 1.1.5`, or `runc 1.1.5 and crun 1.8.1` where the arms have different ones; `docker 26.1.5 with runsc
 * 20240729.0` where a daemon does not use its default runtime.
 */
export const engineWords = (engine: NamedEngine): string => enginesIn(engine).map(oneEngine).join(AND);

function oneEngine(engine: NamedEngine): string {
  if (engine.name === 'cri') return criWords(engine.version);
  const [, daemon, runtime] = /^(\S+) with (\S+)$/.exec(nameOf(engine)) ?? [];
  const [first = '', ...rest] = engine.version.split(', ');
  if (daemon === undefined || runtime === undefined) return [nameOf(engine), ...numberIn(engine.version)].join(' ');
  const own = rest.find((part) => part.startsWith(runtime)) ?? '';
  return `${[daemon, ...numberIn(first)].join(' ')} with ${[runtime, ...numberIn(own)].join(' ')}`;
}

/** gVisor's versions are release-20240729.0 and, in Debian, 0.0~20240729.0. */
const numberIn = (version: string): readonly string[] => /\d+(?:\.\d+)+/.exec(version.replace(/\b0\.0~/, '')) ?? [];

const POLICY_WORDS: Readonly<Record<ArmPolicy, string>> = {
  all: 'every architecture of the profile',
  host: "the host's architectures only",
  trim: "the host's architectures only, also of an explicit list",
  native: 'the native architecture alone',
  unconfined: 'no seccomp',
  'runtime-default': "the runtime's own profile",
};

/** `before: every architecture of the profile, 1647 BPF instructions; after: ...`, the control (a copy) left out. */
export function armsInWords({ run: { plan, evidence } }: AnalysedRun): string {
  return plan.scenario.arms
    .filter((arm) => arm.copyOf === undefined)
    .map(({ name, policy, profile, runtime, command, cache, revision }) => {
      if (command !== undefined) return `${name}: the command ${command.join(' ')}`;
      const known = evidence.find((one) => one.arm === name);
      const size = known === undefined ? '' : `, ${instructionsShort(known)} BPF instructions`;
      const built = revision === undefined ? '' : `, from ${revision.given} (commit ${revision.commit.slice(0, 10)})`;
      const where = runtime === undefined ? '' : ` in ${runtime}`;
      const place = `${where}${built}${cache === undefined ? '' : `, ${cache}`}`;
      if (known?.given !== undefined) return `${name}: ${givenWords(known.given)}${place}${size}`;
      return `${name}: ${POLICY_WORDS[policy]}${
        profile === undefined
          ? ''
          : ` of \
${profile}`
      }${place}${size}`;
    })
    .join('; ');
}

/** What sentences about a run depend on. */
export const tellingOf = ({ run, analysis }: AnalysedRun): Telling => {
  const { scenario, stopping = [] } = run.plan;
  const time = timeRule(stopping);
  return {
    kind: scenario.kind,
    thing: countedThing(scenario),
    margin: analysis.margin,
    ...(time === undefined ? {} : { milliseconds: time.milliseconds }),
  };
};
