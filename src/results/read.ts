import { readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { BenchError } from '../errors.js';
import type { ArmEvidence } from '../model/run/evidence.js';
import type { RunLedger } from '../model/results/ledger.js';
import { FORMAT_VERSION } from '../model/results/format.js';
import { type HostFingerprint, type RunPlan, type RunResult } from '../model/results/result.js';
import type { Sample } from '../model/results/sample.js';
import type { SyscallCounts } from '../model/results/syscalls.js';
import type { WorkloadFindings } from '../model/results/workload-findings.js';
import { evidenceFault, hostFault, planFault } from './check/check-documents.js';
import { ledgerFault } from './check/check-ledger.js';
import { syscallsFault } from './check/check-syscalls.js';
import { createSampleCheck } from './check/check-sample.js';
import { verifyChecksums } from './checksums.js';
import { workloadFault } from './check/check-workload.js';
import {
  EVIDENCE_FILE,
  fileError,
  HOST_FILE,
  LEDGER_FILE,
  PLAN_FILE,
  SAMPLES_FILE,
  SYSCALLS_FILE,
  WORKLOAD_FILE,
} from './files.js';
import { readLines } from './lines.js';
import { OkLineReader } from './check/ok-line.js';

/**
 * Reads and checks one results folder, against its SHA256SUMS where it has one; `path` may be relative. A half-written
 * last line (a crash) and missing evidence become
 * warnings and the rest is kept; whatever else is wrong throws `input`, with file, line and what was expected.
 */
export function readResultFolder(path: string): RunResult {
  expectFolder(path);
  verifyChecksums(path);
  const host = readDocument(join(path, HOST_FILE), hostFault) as HostFingerprint;
  const plan = readDocument(join(path, PLAN_FILE), planFault) as RunPlan;
  const warnings: string[] = [];
  const evidence = readEvidence(join(path, EVIDENCE_FILE), plan, warnings);
  const samples = readSamples(join(path, SAMPLES_FILE), plan, warnings);
  const ledger = readIfThere(join(path, LEDGER_FILE), ledgerFault) as RunLedger | undefined;
  const syscalls = readIfThere(join(path, SYSCALLS_FILE), syscallsFault) as SyscallCounts | undefined;
  const workload = readIfThere(join(path, WORKLOAD_FILE), (value) =>
    workloadFault(
      value,
      plan.scenario.arms.map((arm) => arm.name),
    ),
  ) as WorkloadFindings | undefined;
  return {
    name: basename(resolve(path)),
    host,
    plan,
    evidence,
    samples,
    ...(ledger === undefined ? {} : { ledger }),
    ...(syscalls === undefined ? {} : { syscalls }),
    ...(workload === undefined ? {} : { workload }),
    warnings,
  };
}

export function expectFolder(path: string): void {
  const wanted = `a results folder (with ${HOST_FILE}, ${PLAN_FILE} and ${SAMPLES_FILE})`;
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch (error) {
    throw fileError(wanted, path, error);
  }
  if (!isFolder)
    throw new BenchError('input', `${path}: expected ${wanted}, got a file`, {
      hint: 'Give the folder that a run printed as its own.',
    });
}

function readEvidence(file: string, plan: RunPlan, warnings: string[]): readonly ArmEvidence[] {
  const arms = plan.scenario.arms.map((arm) => arm.name);
  const evidence = readIfThere(file, (value) => evidenceFault(value, arms)) as ArmEvidence[] | undefined;
  if (evidence === undefined)
    warnings.push(`${EVIDENCE_FILE} is missing: nothing proves that each arm's filter was the one it names.`);
  return evidence ?? [];
}

/** A document that not every folder has: `undefined` where there is none. */
export function readIfThere(file: string, faultOf: (value: unknown) => string | undefined): unknown {
  try {
    return readDocument(file, faultOf);
  } catch (error) {
    if (error instanceof BenchError && isMissing(error.cause)) return undefined;
    throw error;
  }
}

const isMissing = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';

/** A document of counts that stands alone, as `bench syscalls count --output` writes it. */
export const readSyscallsFile = (file: string): SyscallCounts => readDocument(file, syscallsFault) as SyscallCounts;

/** A document of a results folder, checked. Throws `input`. */
export function readDocument(file: string, faultOf: (value: unknown) => string | undefined): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw fileError('a file of the results', file, error);
  }
  const value = parsed(
    text,
    () =>
      new BenchError('input', `${file}: expected JSON, got text that is none`, {
        hint: 'Restore the file from a copy; a run writes it whole before the first container.',
      }),
  );
  const fault = faultOf(value);
  if (fault === undefined) return value;
  const hint = fault.startsWith('formatVersion')
    ? `Read these results with the version of bench that wrote them; this one knows format ${FORMAT_VERSION}.`
    : 'Restore the file from a copy: results are not meant to be edited.';
  throw new BenchError('input', `${file}: ${fault}`, { hint });
}

function readSamples(file: string, { scenario }: RunPlan, warnings: string[]): Sample[] {
  const samples: Sample[] = [];
  const faultOf = createSampleCheck(scenario);
  const fast = new OkLineReader(scenario.arms.map((arm) => arm.name));
  const takeBytes = (from: number): number => {
    const sample = fast.read(from);
    // A sample with a fault is read again as text, which gives the message.
    if (sample === null || faultOf(sample) !== undefined) return -1;
    samples.push(sample);
    return fast.end;
  };
  const takeText = (text: string, line: number, ended: boolean): void => {
    const value = ended ? parsed(text, () => brokenLine(file, line, text)) : parsed(text, () => undefined);
    if (value === undefined) {
      warnings.push(
        `${SAMPLES_FILE}:${line}: the last line is cut off, as a crash leaves it: it was left out, all before it was kept.`,
      );
      return;
    }
    const fault = faultOf(value);
    if (fault !== undefined)
      throw new BenchError('input', `${file}:${line}: ${fault}`, {
        hint: 'Restore the file from a copy, or remove the line if you know why it is wrong.',
      });
    samples.push(value as Sample);
  };
  try {
    readLines(file, {
      open: (bytes) => {
        fast.open(bytes);
      },
      takeBytes,
      takeText,
    });
  } catch (error) {
    throw error instanceof BenchError ? error : fileError('a file of the results', file, error);
  }
  return samples;
}

/** The value of a JSON text; where it is none, `onFault` gives the error to throw, or nothing to get `undefined`. */
export function parsed(text: string, onFault: () => BenchError | undefined): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const error = onFault();
    if (error !== undefined) throw error;
    return undefined;
  }
}

export function brokenLine(file: string, line: number, text: string): BenchError {
  const shown = text === '' ? 'an empty line' : text.length > 60 ? `${text.slice(0, 60)}...` : text;
  return new BenchError('input', `${file}:${line}: expected a sample as JSON, got ${shown}`, {
    hint: 'Only the last line may be cut off; restore the file from a copy, or remove the line if you know why it is wrong.',
  });
}
