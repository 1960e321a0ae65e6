import { release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineChoice } from '../engine/open.js';
import { BenchError } from '../errors.js';
import { libseccompVersion } from '../filter/index.js';
import { allowedCpus, pinTo } from '../launch/affinity.js';
import { takeFingerprint } from '../measure/index.js';
import type { Io } from '../model/io.js';
import { FORMAT_VERSION } from '../model/result.js';
import type { RunPlan } from '../model/result.js';
import { blocksOf } from '../model/scenario.js';
import type { Scenario } from '../model/scenario.js';
import { createResultFolder, runBlocks } from '../sample/index.js';
import type { ResultWriter } from '../sample/index.js';
import { assertArchitecture, describePlan, expectedSeconds, newSeed, parseSeed, planBlocks, scenarioHash } from '../scenario/index.js';
import { announceArms, announceEngine } from './announce.js';
import { convertArms } from './arms.js';
import { parseMargin } from './margin.js';
import { packageVersion } from './package-root.js';
import { progressOf } from './progress.js';
import { assertComparable, proveArms } from './proof.js';
import { hostMachine, openSession } from './session.js';
import type { Session } from './session.js';
import { settleArms } from './settle.js';
import type { SettledArm } from './settle.js';

/** What every measuring command is told beside its scenario. */
export interface MeasureOptions {
  readonly engine: EngineChoice;
  readonly runtime?: string;
  readonly seed?: string;
  /** true: one core of bench's choice; text: that core. */
  readonly pin?: boolean | string;
  readonly caps: string;
  readonly kernel?: string;
  readonly lenient: boolean;
  /** Seconds after which a container counts as hung. */
  readonly timeout: string;
  readonly margin: string;
  readonly results: string;
  readonly reports: string;
  readonly report: boolean;
}

/** The main job: prove the treatment, run the blocks, keep every sample, say what it means. Gives the exit code. */
export async function measure(scenario: Scenario, options: MeasureOptions, io: Io): Promise<number> {
  const machine = hostMachine();
  assertArchitecture(scenario, machine);
  const timeoutMs = secondsOption('--timeout', options.timeout) * 1000;
  const seed = options.seed === undefined ? newSeed() : parseSeed(options.seed);
  parseMargin(options.margin);
  const kernel = options.kernel ?? release();
  const converted = await convertArms(scenario, { machine, caps: options.caps, kernel, lenient: options.lenient }, io);
  const pinnedCpu = pin(options.pin, io);

  let writer: ResultWriter;
  let failed: number;
  {
    await using session = await openSession(options, io);
    announceEngine(session, io);
    const arms = await settleArms(converted, session, io.signal);
    const evidence = await proveArms(arms, session, io.signal);
    announceArms(evidence, io);
    assertComparable(scenario, evidence);

    const plan: RunPlan = {
      formatVersion: FORMAT_VERSION, id: session.runId.replace(/^sb-/, ''), startedAt: new Date().toISOString(), command: io.commandLine,
      scenario, scenarioSha256: scenarioHash(scenario), seed, engine: session.engine.facts, pinnedCpu, capabilities: options.caps, kernelForProfile: kernel,
    };
    const host = takeFingerprint({ bench: packageVersion(), libseccomp: libseccompVersion() });
    writer = createResultFolder(options.results, plan, host);
    writer.writeEvidence(evidence);
    for (const { name, arm } of arms) writer.writeSpec(name, arm.text);
    io.err(`${describePlan(scenario, expectedSeconds(scenario, meanSeconds(arms), host.cpuCount))}\nseed ${seed} · samples in ${writer.path}\n`);
    failed = await runAll({ scenario, session, writer, seed, timeoutMs }, io);
  }
  // Statistics and charts are loaded only now: they would be in the way of the measurement.
  const { concludeRun } = await import('./conclude.js');
  return concludeRun(writer, failed, options, io);
}

interface Run {
  readonly scenario: Scenario;
  readonly session: Session;
  readonly writer: ResultWriter;
  readonly seed: number;
  readonly timeoutMs: number;
}

/** Runs every block and stores its samples after it, never within it; gives the number of containers that failed, warm-up included. */
async function runAll({ scenario, session, writer, seed, timeoutMs }: Run, io: Io): Promise<number> {
  const names = scenario.arms.map((arm) => arm.name);
  const blocks = blocksOf(scenario) + scenario.warmup;
  const progress = progressOf(blocks, scenario.kind === 'sequential' ? 'block' : 'round', io, () => performance.now());
  const done = { blocks: 0, containers: 0, failed: 0 };
  const stream = runBlocks({
    engine: session.engine, scenario, runId: session.runId, timeoutMs, signal: io.signal, originNs: session.clock(),
    warmup: planBlocks(names, scenario.warmup, seed, 'warmup'), measured: planBlocks(names, blocksOf(scenario), seed),
    sleep: async (ms) => { await sleep(ms); },
  });
  try {
    for await (const { samples } of stream) {
      writer.append(samples);
      const containers = samples.filter((sample) => sample.kind === 'container');
      done.blocks += 1;
      done.containers += containers.length;
      done.failed += containers.filter((sample) => sample.state === 'failed' || sample.state === 'timedOut').length;
      progress.blockDone(done.blocks, done.containers, done.failed);
    }
  } finally {
    progress.end();
    writer.close();
  }
  return done.failed;
}

/** Mean time of the starts that proved the arms, in seconds. */
function meanSeconds(arms: readonly SettledArm[]): number {
  return arms.reduce((sum, arm) => sum + arm.firstRun.wall, 0) / arms.length / 1e9;
}

function pin(wanted: boolean | string | undefined, io: Io): number | null {
  if (wanted === undefined || wanted === false) return null;
  const allowed = allowedCpus();
  const cpu = wanted === true ? (allowed.at(-1) ?? 0) : Number(wanted);
  if (!Number.isInteger(cpu) || cpu < 0 || cpu > 1023) {
    throw new BenchError('usage', `--pin: expected the number of a core, got "${String(wanted)}"`, { hint: `One of ${allowed.join(', ')}.` });
  }
  pinTo(cpu);
  io.err(`pinned to core ${cpu}: CPU time gets sharper (about 0.7 of the interval), wall time wider (about 1.4), as everything shares one core\n`);
  return cpu;
}

function secondsOption(name: string, text: string): number {
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value > 0) return value;
  throw new BenchError('usage', `${name}: expected seconds above 0, got "${text}"`, { hint: `For example ${name} 60.` });
}

