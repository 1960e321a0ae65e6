import type { ConversionRequest, EngineRequest } from '../model/experiment/request.js';
import type { Io } from '../model/io.js';
import { announcing } from './context.js';
import type { OutputOptions } from './options/output.js';
import type { Pin } from './options/run.js';

/** Options of every experiment, regardless of what it records. */
export interface CommonRequest {
  readonly engine: EngineRequest;
  readonly conversion: ConversionRequest;
  readonly seed: number;
  readonly pinnedCpu: number | null;
  readonly mayPin?: false;
  readonly timeoutMs: number;
  readonly maxFailures: number | null;
  readonly resultsFolder: string;
  readonly commandLine: readonly string[];
}

export interface CommonOptions {
  readonly engine: EngineRequest;
  readonly conversion: ConversionRequest;
  readonly run: {
    readonly seed: number | null;
    readonly pin: Pin;
    readonly timeoutMs: number;
    readonly maxFailures: number | null;
  };
  readonly output: Pick<OutputOptions, 'resultsFolder' | 'quiet'>;
}

/** Fills in a seed and pins this process where that is asked for. Throws `environment` where it cannot be pinned. */
export async function commonRequest(
  { engine, conversion, run, output }: CommonOptions,
  io: Io,
): Promise<CommonRequest> {
  const { newSeed } = await import('../scenario/index.js');
  return {
    engine,
    conversion,
    seed: run.seed ?? newSeed(),
    pinnedCpu: await pinned(run.pin, announcing(io, output)),
    ...(run.pin === 'never' ? { mayPin: false } : {}),
    timeoutMs: run.timeoutMs,
    maxFailures: run.maxFailures,
    resultsFolder: output.resultsFolder,
    commandLine: io.commandLine,
  };
}

async function pinned(pin: Pin, io: Io): Promise<number | null> {
  if (pin === null || pin === 'never') return null;
  const { pinProcess } = await import('../experiment/index.js');
  const { say } = await import('./output/announce/say.js');
  const core = pinProcess(pin);
  say(
    io,
    '',
    `pinned to core ${core}: everything shares one core, so the interval of CPU time is narrower (about 0.7 times), \
that of wall time wider (about 1.4 times)`,
  );
  return core;
}
