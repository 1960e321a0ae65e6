import { existsSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { BenchError, errnoOf, invalidValue } from '../errors.js';
import type { ArmEvidence } from '../model/run/evidence.js';
import type { RunLedger, Unended } from '../model/results/ledger.js';
import type { RunBreak } from '../model/results/break.js';
import { FORMAT_VERSIONS } from '../model/results/format.js';
import type { HostFingerprint, RunPlan, RunResult } from '../model/results/result.js';
import type { Sample } from '../model/results/sample.js';
import { fitsColumns, SampleTable } from '../model/results/sample-table.js';
import type { SyscallCounts } from '../model/results/syscalls.js';
import type { WorkloadFindings } from '../model/results/workload-findings.js';
import { lockState } from '../process/lock.js';
import { lastAttemptsIn } from './attempts.js';
import { breakFault, evidenceFault, planFault, versionedFault } from './check/documents.js';
import { createSampleChecks } from './check/check-sample.js';
import { verifyButOne, verifyChecksums, type ReadingHash } from './checksums.js';
import {
  attempt,
  BREAKS_FILE,
  EVIDENCE_FILE,
  HOST_FILE,
  LEDGER_FILE,
  PLAN_FILE,
  readBytes,
  resultsError,
  SAMPLES_FILE,
  SYSCALLS_FILE,
  WORKLOAD_FILE,
} from './files.js';
import { readLines, type LineTaker } from './lines.js';
import { OkLineReader, SHORTEST_LINE } from './check/ok-line.js';

/**
 * Reads and checks one results folder, by its SHA256SUMS too where it has one; `path` may be relative. A truncated last
 * line of samples (a crash) and missing evidence become warnings; everything else that is wrong throws `input` with the
 * file, the line and what was expected. Folders of earlier versions lack ledger.json, syscalls.json and workload.json.
 */
export function readResultFolder(path: string): RunResult {
  expectFolder(path);
  const hash = verifyButOne(path, SAMPLES_FILE);
  const host = readDocument(join(path, HOST_FILE), (value) => versionedFault('host', value)) as HostFingerprint;
  const plan = readDocument(join(path, PLAN_FILE), planFault) as RunPlan;
  const arms = plan.scenario.arms.map((arm) => arm.name);
  const warnings: string[] = [];
  const evidence = readEvidence(join(path, EVIDENCE_FILE), arms, warnings);
  const { table, repeated } = lastAttemptsIn(verifiedSamples(path, { plan, hash, warnings }));
  const breaks = readBreaks(join(path, BREAKS_FILE), warnings);
  const ledger = readIfThere(join(path, LEDGER_FILE), (value) => versionedFault('ledger', value)) as
    RunLedger | undefined;
  const syscalls = readIfThere(join(path, SYSCALLS_FILE), (value) => versionedFault('syscalls', value, arms)) as
    SyscallCounts | undefined;
  const findings = readIfThere(join(path, WORKLOAD_FILE), (value) => versionedFault('workload', value, arms));
  const workload = findings as WorkloadFindings | undefined;
  return {
    name: basename(resolve(path)),
    host,
    plan,
    evidence,
    table,
    // Objects take ten times the memory, and most readers need none.
    get samples() {
      return table.samples;
    },
    ...(repeated.length === 0 ? {} : { repeated }),
    ...(breaks.length === 0 ? {} : { breaks }),
    ...(ledger === undefined ? { unended: unendedOf(path, { plan, host }) } : { ledger }),
    ...(syscalls === undefined ? {} : { syscalls }),
    ...(workload === undefined ? {} : { workload }),
    warnings,
  };
}

/** Of a folder without a ledger. Earlier formats had no lock, and that of another machine is not seen here. */
export function unendedOf(
  path: string,
  {
    plan,
    host,
  }: { readonly plan: { readonly formatVersion: number }; readonly host: Pick<HostFingerprint, 'hostname'> },
): Unended {
  if (plan.formatVersion === 1) return 'unknown';
  const state = lockState(join(path, PLAN_FILE));
  if (state === 'held') return 'running';
  return state === 'free' && host.hostname === hostname() ? 'killed' : 'unknown';
}

/** Throws `input` unless the path is a folder. */
export function expectFolder(path: string): void {
  if (attempt('read', path, () => statSync(path)).isDirectory()) return;
  throw invalidValue(path, `a results folder (with ${HOST_FILE}, ${PLAN_FILE} and ${SAMPLES_FILE})`, 'a file', {
    code: 'input',
    hint: 'A run prints its results folder when it starts.',
  });
}

function readEvidence(file: string, arms: readonly string[], warnings: string[]): readonly ArmEvidence[] {
  const evidence = readIfThere(file, (value) => evidenceFault(value, arms)) as ArmEvidence[] | undefined;
  if (evidence === undefined)
    warnings.push(`${EVIDENCE_FILE} is missing, so nothing proves which filter each arm loaded.`);
  return evidence ?? [];
}

/** A document that not every folder has: `undefined` where it is missing. */
export function readIfThere(file: string, faultOf: (value: unknown) => string | undefined): unknown {
  try {
    return readDocument(file, faultOf);
  } catch (error) {
    if (error instanceof BenchError && errnoOf(error.cause) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A document of counts that stands alone, as `bench syscalls count --output` writes it. Throws `input`. */
export const readSyscallsFile = (file: string): SyscallCounts =>
  readDocument(file, (value) => versionedFault('syscalls', value)) as SyscallCounts;

/** The hint for a file that was changed. */
const RESTORE = 'Restore the file from a copy. Results are not meant to be edited.';

/** A document of a results folder, checked. Throws `input`. */
export function readDocument(file: string, faultOf: (value: unknown) => string | undefined): unknown {
  const text = readBytes(file).toString('utf8');
  const value = parsed(text, () => new BenchError('input', `${file} is not JSON`, { hint: RESTORE }));
  const fault = faultOf(value);
  if (fault === undefined) return value;
  const hint = fault.startsWith('formatVersion')
    ? `This version of bench reads formats ${FORMAT_VERSIONS.join(' and ')}. Use the version that wrote these results.`
    : RESTORE;
  throw new BenchError('input', `${file}: ${fault}`, { hint });
}

interface SamplesRead {
  readonly plan: RunPlan;
  readonly hash: ReadingHash;
  readonly warnings: string[];
}

/** Hashed while they are read, so that what was verified is what was read. */
function verifiedSamples(folder: string, { plan, hash, warnings }: SamplesRead): SampleTable {
  const file = join(folder, SAMPLES_FILE);
  try {
    const table = readSamples(file, plan, { hash, warnings });
    hash.verify();
    return table;
  } catch (error) {
    // That the file was changed says more than what is wrong in a line of it.
    verifyChecksums(folder);
    throw error;
  }
}

function readSamples(
  file: string,
  { scenario }: RunPlan,
  { hash, warnings }: Pick<SamplesRead, 'hash' | 'warnings'>,
): SampleTable {
  const arms = scenario.arms.map((arm) => arm.name);
  const bytes = attempt('read', file, () => statSync(file)).size;
  const table = new SampleTable(arms, Math.ceil(bytes / SHORTEST_LINE));
  const { faultOf, takes } = createSampleChecks(scenario);
  const fast = new OkLineReader(arms);
  // A line with a fault is read again as text, which gives the message.
  const takeBytes = (from: number): number => {
    if (!fast.read(from) || !fitsColumns(fast) || !takes(fast)) return -1;
    table.addOk(fast);
    return fast.end;
  };
  const open = (bytes: Uint8Array): void => {
    fast.open(bytes);
  };
  const takeValue = (value: unknown): void => {
    table.addSample(value as Sample);
  };
  readSampleLines(file, { open, takeBytes, takeText: textTaker(file, { faultOf, takeValue, warnings }) }, hash.update);
  return table;
}

/** The lines of breaks.jsonl; none where there is no such file. */
export function readBreaks(file: string, warnings: string[]): readonly RunBreak[] {
  if (!existsSync(file)) return [];
  const breaks: RunBreak[] = [];
  const takeValue = (value: unknown): void => {
    breaks.push(value as RunBreak);
  };
  const takeText = textTaker(file, { faultOf: breakFault, takeValue, warnings });
  readSampleLines(file, { open: () => undefined, takeBytes: () => -1, takeText });
  return breaks;
}

/** Throws `input` or `environment`. */
export function readSampleLines(file: string, taker: LineTaker, seen?: (bytes: Uint8Array) => void): void {
  try {
    readLines(file, taker, seen);
  } catch (error) {
    throw error instanceof BenchError ? error : resultsError('read', file, error);
  }
}

/** Takes lines of samples as JSON; a last line that is truncated becomes a warning. Throws `input`. */
export const textTaker =
  (
    file: string,
    {
      faultOf,
      takeValue,
      warnings,
    }: {
      readonly faultOf: (value: unknown) => string | undefined;
      readonly takeValue: (value: unknown) => void;
      readonly warnings: string[];
    },
  ): LineTaker['takeText'] =>
  (text, line, ended) => {
    const value = parsed(text, () => (ended ? brokenLine(file, line, text) : undefined));
    if (value === undefined) {
      const fault = 'the last line is truncated, as after a crash: it was left out, all lines before it were kept.';
      warnings.push(`${basename(file)}:${line}: ${fault}`);
      return;
    }
    const fault = faultOf(value);
    if (fault !== undefined) throw new BenchError('input', `${file}:${line}: ${fault}`, { hint: RESTORE_LINE });
    takeValue(value);
  };

const RESTORE_LINE = 'Restore the file from a copy, or remove the line if you know why it is wrong.';

/** The value of a JSON text; where it is not JSON, `onFault` returns the error to throw, or nothing for `undefined`. */
function parsed(text: string, onFault: () => BenchError | undefined): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const error = onFault();
    if (error !== undefined) throw error;
    return undefined;
  }
}

function brokenLine(file: string, line: number, text: string): BenchError {
  const shown = text === '' ? 'an empty line' : text.length > 60 ? `${text.slice(0, 60)}...` : text;
  return invalidValue(`${file}:${line}`, 'a sample as JSON', shown, { code: 'input', hint: RESTORE_LINE });
}
