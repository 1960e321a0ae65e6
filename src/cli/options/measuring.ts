import type { Command } from 'commander';
import type { ConversionRequest, CountingRequest, EngineRequest } from '../../model/experiment/request.js';
import type { StoppingRule } from '../../model/run/stopping.js';
import { declareConversion, parseConversion } from './conversion.js';
import type { RawConversion } from './conversion.js';
import { declareCounting, declareCountSyscalls, parseCounting } from './counting.js';
import type { RawCounting } from './counting.js';
import { declareEngine, parseEngine } from './engine.js';
import type { RawEngine } from './engine.js';
import { declareExports, parseExports } from './exports.js';
import type { RawExports } from './exports.js';
import type { ExportFiles, GateSettings } from '../output/plan.js';
import { declareGate, declareGateMetric, declareMargin, parseGate, parseMargin } from './gate.js';
import type { RawGate, RawMargin } from './gate.js';
import { declareOutput, parseOutput } from './output.js';
import type { OutputOptions, RawOutput } from './output.js';
import { declareRun, parseRun } from './run.js';
import type { RawRun, RunOptions } from './run.js';
import { declareStopping, parseStopping } from './stopping.js';
import type { RawStopping } from './stopping.js';

export type RawMeasuring = RawEngine &
  RawConversion &
  RawRun &
  RawStopping &
  RawMargin &
  RawGate &
  RawCounting &
  RawOutput &
  RawExports;

/** All options of a command with timed blocks, besides its scenario. */
export interface MeasuringOptions {
  readonly engine: EngineRequest;
  readonly conversion: ConversionRequest;
  readonly run: RunOptions;
  readonly stopping: readonly StoppingRule[];
  /** A share. */
  readonly margin: number;
  readonly gate: GateSettings;
  readonly counting: CountingRequest | null;
  readonly output: OutputOptions;
  readonly exports: ExportFiles;
}

/** The options that all commands with timed blocks share. */
export function declareMeasuring(command: Command): Command {
  declareStopping(declareEngine(command));
  declareOutput(command);
  declareConversion(command);
  declareRun(command);
  declareGateMetric(declareGate(declareMargin(command)));
  declareCounting(declareCountSyscalls(command));
  return declareExports(command);
}

/** Throws `usage` and `environment`, before anything is started. */
export const parseMeasuring = (raw: RawMeasuring): MeasuringOptions => ({
  engine: parseEngine(raw),
  conversion: parseConversion(raw),
  run: parseRun(raw),
  stopping: parseStopping(raw),
  margin: parseMargin(raw),
  gate: parseGate(raw),
  counting: parseCounting(raw),
  output: parseOutput(raw),
  exports: parseExports(raw),
});
