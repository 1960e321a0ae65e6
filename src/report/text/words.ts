import { basename } from 'node:path';
import type { AnalysedRun, Comparison, Metric, Verdict } from '../../model/analysis/analysis.js';
import { EMULATION_WORDS, emulationOfHost } from '../../model/run/emulation.js';
import { isTimed } from '../../model/analysis/judgement.js';
import { machineOf, type RunPlan } from '../../model/results/result.js';
import { baselineOf, blocksOf, controlOf } from '../../model/run/scenario.js';
import type { ArmPolicy, Scenario } from '../../model/run/scenario.js';
import { instructionsShort } from '../run/evidence.js';
import { counted, marginText } from './format.js';
import { chartArchitecture } from '../run/published.js';

/** What a metric is called to a reader; wall is the makespan of a batch in a parallel scenario. */
export function metricWords(metric: Metric, kind: Scenario['kind']): string {
  switch (metric) {
    case 'cpu':
      return kind === 'parallel' ? 'CPU time of a batch' : 'CPU time';
    case 'wall':
      return kind === 'parallel' ? 'makespan' : 'wall time';
    case 'latency':
      return 'latency';
    case 'maxRss':
      return 'peak memory';
    case 'contextSwitches':
      return kind === 'parallel' ? 'context switches of a batch' : 'context switches';
  }
}

/** The metric in a narrow column. */
export const metricShort = (metric: Metric, kind: Scenario['kind']): string =>
  ({
    cpu: 'CPU',
    wall: kind === 'parallel' ? 'makespan' : 'wall',
    latency: 'latency',
    maxRss: 'memory',
    contextSwitches: 'switches',
  })[metric];

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

/** A verdict beside the figures of its metric: equal only within a margin, less or more of what is no time. */
export function verdictWords({ metric, verdict }: Pick<Comparison, 'metric' | 'verdict'>, margin: number): string {
  if (verdict === 'equivalent') return `equivalent within ${marginText(margin)}`;
  if (isTimed(metric) || (verdict !== 'faster' && verdict !== 'slower')) return VERDICT_WORDS[verdict];
  return verdict === 'faster' ? 'less' : 'more';
}

/** The verdict as one of all rows of the report, where it is another one than the row's own; else `null`. */
export const otherByFamily = ({ family, verdict }: Pick<Comparison, 'family' | 'verdict'>): Verdict | null =>
  family === null || family.verdict === verdict ? null : family.verdict;

/**
 * `x86_64 sequential`: architecture and kind, in the published charts' words; of a sweep the level too, of a fleet the
 * node; marked where it was emulated.
 */
export function runTitle({ run }: AnalysedRun): string {
  const {
    host,
    plan: { scenario, sweep, node },
  } = run;
  const level = sweep === undefined || scenario.kind === 'sequential' ? '' : `, ${scenario.concurrency} in flight`;
  const emulation = emulationOfHost(host);
  const mark = emulation === null ? '' : ` (emulated: ${EMULATION_WORDS[emulation.kind]})`;
  return `${chartArchitecture(machineOf(run))} ${kindWords(scenario)}${level}${node === undefined ? '' : `, ${node}`}${mark}`;
}

function kindWords({ kind, program }: Scenario): string {
  return program === undefined
    ? kind
    : `workload ${basename(program.args[0] ?? '')}${kind === 'parallel' ? ', parallel' : ''}${program.via === 'exec' ? ', by exec' : ''}`;
}

/**
 * `500 containers per arm, one after the other`, or what a batch was; at most so many, where a rule may end the run.
 */
export function scenarioWords({ scenario, stopping = [] }: Pick<RunPlan, 'scenario' | 'stopping'>): string {
  const most = stopping.length === 0 ? '' : 'at most ';
  if (scenario.kind === 'sequential')
    return `${most}${counted(scenario.count, 'container')} per arm, one after the other`;
  const flight = scenario.concurrency >= scenario.count ? 'all at once' : `${scenario.concurrency} at once`;
  return `${most}${counted(scenario.rounds, 'batch', 'batches')} per arm of ${counted(scenario.count, 'container')}, ${flight}`;
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
  const planned = stopping.length === 0 ? analysis.blocksPlanned : blocksOf(scenario);
  return `${analysis.blocksComplete} of ${stopping.length === 0 ? '' : 'at most '}${blockWords(scenario, planned)}`;
}

/** What an arm's `totalSeconds` is the time of. */
export function totalWords({ run, analysis }: AnalysedRun): string {
  const scenario = run.plan.scenario;
  return scenario.kind === 'sequential'
    ? `seconds for ${counted(analysis.blocksComplete, 'container')}`
    : `seconds for a batch of ${counted(scenario.count, 'container')}`;
}

/** The names of the arm compared with, of its byte copy, and of all others in plan order. */
export interface ArmRoles {
  readonly baseline: string;
  readonly control: string | undefined;
  readonly compared: readonly string[];
}

/** Which arm plays which part in a run. */
export function rolesOf({ run }: AnalysedRun): ArmRoles {
  const arms = run.plan.scenario.arms;
  const baseline = baselineOf(arms);
  const control = controlOf(arms);
  return {
    baseline,
    control,
    compared: arms.map((arm) => arm.name).filter((name) => name !== baseline && name !== control),
  };
}

/** The run's one line of identity: `runc version 1.1.5, 500 containers per arm, one after the other`. */
export const runSubtitle = ({ run }: AnalysedRun): string =>
  `${engineWords(run.plan.engine)}, ${scenarioWords(run.plan)}`;

/** `runc 1.1.5`: name and version without saying either twice. */
export function engineWords(engine: { readonly name: string; readonly version: string }): string {
  const number = /\d+(?:\.\d+)+/.exec(engine.version)?.[0];
  return number === undefined ? engine.name : `${engine.name} ${number}`;
}

const POLICY_WORDS: Readonly<Record<ArmPolicy, string>> = {
  all: 'every architecture of the profile',
  host: "the host's architectures only",
  native: 'the native architecture alone',
  unconfined: 'no seccomp',
};

/** `before: every architecture of the profile, 1647 BPF instructions; after: ...`, the control (a copy) left out. */
export function armsInWords({ run: { plan, evidence } }: AnalysedRun): string {
  return plan.scenario.arms
    .filter((arm) => arm.copyOf === undefined)
    .map(({ name, policy, profile, runtime, command }) => {
      if (command !== undefined) return `${name}: the command ${command.join(' ')}`;
      const known = evidence.find((one) => one.arm === name);
      const size = known === undefined ? '' : `, ${instructionsShort(known)} BPF instructions`;
      return `${name}: ${POLICY_WORDS[policy]}${profile === undefined ? '' : ` of ${profile}`}${runtime === undefined ? '' : ` in ${runtime}`}${size}`;
    })
    .join('; ');
}
