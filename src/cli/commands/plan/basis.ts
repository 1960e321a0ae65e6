import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BenchError, needs } from '../../../errors.js';
import type { AnalysedRun } from '../../../model/analysis/analysis.js';
import type { Io } from '../../../model/io.js';
import type { OkSample, Sample } from '../../../model/results/sample.js';
import type { DuetChoice } from '../../../model/run/scenario.js';
import { EMULATION_WORDS } from '../../../model/run/emulation.js';
import { blocksOf } from '../../../model/run/scenario.js';
import type { Scenario } from '../../../model/run/scenario.js';
import { analyseFolder } from '../../../reporting/index.js';
import { contextOf } from '../../context.js';
import { startsRequest } from '../../measure.js';
import { NO_FINDINGS } from '../../options/findings.js';
import type { MeasuringOptions } from '../../options/measuring.js';
import { recordedWords } from './suggestion.js';
import type { Suggested } from './suggestion.js';

/** What is planned by: a pilot, or results that are there. */
export interface PlanBasis extends AnalysedRun, Suggested {
  /** From the current folder. */
  readonly folder: string;
  /** Of the scenario. */
  readonly blocks: number;
  readonly secondsPerBlock: number;
  readonly json: boolean;
  readonly failed: number;
}

/** The results folder of that name; `null`: it is none. */
export function recordedBasis(name: string, { margin, output }: MeasuringOptions, io: Io): PlanBasis | null {
  const path = resolve(io.cwd, name);
  if (!existsSync(join(path, 'plan.json'))) return null;
  const analysed = analyseFolder(path, { margin });
  const { plan, samples } = analysed.run;
  const words = recordedWords(plan);
  return {
    ...analysed,
    folder: name,
    words,
    blocks: analysed.analysis.blocksPlanned,
    named: words[0] === 'run',
    secondsPerBlock: secondsPerBlock(samples, analysed.analysis.blocksComplete),
    json: output.json,
    failed: 0,
  };
}

interface PilotOptions {
  readonly options: MeasuringOptions;
  /** Of each mode. */
  readonly blocks: number;
  readonly typed: readonly string[];
  readonly duet?: DuetChoice;
}

/** Runs a pilot. Throws as a run does, and `interrupted` where it was stopped. */
export async function pilotBasis(
  name: string,
  { options, blocks, typed, ...mode }: PilotOptions,
  io: Io,
): Promise<PlanBasis> {
  await refuseEmulation(io);
  const scenario = await scenarioOf(name, io);
  const own = scenario.kind === 'sequential' ? { ...scenario, ...mode } : scenario;
  const { folder, failed } = await runPilot(pilotOf(own, blocks), { options, blocks }, io);
  const analysed = analyseFolder(resolve(io.cwd, folder), { margin: options.margin });
  const { run, analysis } = analysed;
  return {
    ...analysed,
    folder,
    words: [...(isKind(name) ? [name] : ['run', name]), ...typed],
    blocks: blocksOf(scenario),
    named: !isKind(name),
    secondsPerBlock: secondsPerBlock(run.samples, analysis.blocksComplete),
    json: options.output.json,
    failed,
  };
}

async function scenarioOf(name: string, { cwd }: Io): Promise<Scenario> {
  const [{ loadScenario, makeScenario }, { packageRoot }] = await Promise.all([
    import('../../../scenario/index.js'),
    import('../../../package.js'),
  ]);
  if (isKind(name)) return makeScenario({ kind: name });
  const scenario = loadScenario(name, { cwd, packageRoot: packageRoot() });
  if (scenario.kind === 'parallel' && scenario.levels !== undefined)
    throw new BenchError('usage', `scenario ${name} has several levels of concurrency: ${scenario.levels.join(', ')}`, {
      hint: 'Plan one level: bench plan parallel, or a scenario with one.',
    });
  return scenario;
}

/** The results folder of the pilot. Throws `interrupted` where it was stopped. */
async function runPilot(
  scenario: Scenario,
  { options, blocks }: Pick<PilotOptions, 'options' | 'blocks'>,
  io: Io,
): Promise<{ readonly folder: string; readonly failed: number }> {
  const { checkFolders } = await import('../../output/places.js');
  checkFolders({ ...options.output, reportsFolder: null }, io);
  const { runExperiment } = await import('../../../experiment/index.js');
  const request = await startsRequest({ kind: 'run', options, scenario, findings: NO_FINDINGS }, io);
  const context = await contextOf(io, options.output);
  const { folders, failed, notRemoved } = await runExperiment({ ...request, tryModes: blocks }, context);
  const [folder = ''] = folders;
  if (io.signal.aborted) throw new BenchError('interrupted', `stopped; the results of the pilot are in ${folder}`);
  if (notRemoved !== null) throw notRemoved;
  return { folder, failed };
}

/** An emulator's noise says nothing about a processor's. Throws `environment`. */
async function refuseEmulation(io: Io): Promise<void> {
  const [{ EMULATION_VARIABLE, emulationOf, hostFilesUnder }, { hostMachine }] = await Promise.all([
    import('../../../host/index.js'),
    import('../../../experiment/index.js'),
  ]);
  const emulation = emulationOf(hostFilesUnder('/'), hostMachine(), io.env[EMULATION_VARIABLE]);
  if (emulation === null) return;
  throw needs(
    'planning',
    `a real machine, not an emulated one (${EMULATION_WORDS[emulation.kind]}; ${emulation.sign})`,
    {
      hint: 'The noise of an emulator differs from that of a processor. Plan on the machine you measure on.',
    },
  );
}

function pilotOf(scenario: Scenario, blocks: number): Scenario {
  const name = `pilot-${scenario.name}`;
  return scenario.kind === 'sequential' ? { ...scenario, name, count: blocks } : { ...scenario, name, rounds: blocks };
}

/** From the first measured start to the last end, shared out. */
function secondsPerBlock(samples: readonly Sample[], blocks: number): number {
  const ok = samples
    .filter((sample) => sample.kind === 'container')
    .filter((sample) => sample.state === 'ok' && !sample.warmup) as readonly OkSample[];
  const ends = ok.map((sample) => sample.startNs + sample.wallNs);
  const [first] = ok;
  return first === undefined || blocks === 0
    ? 0
    : (ends.reduce((most, end) => Math.max(most, end), 0) - first.startNs) / blocks / 1e9;
}

const isKind = (name: string): name is Scenario['kind'] => name === 'sequential' || name === 'parallel';
