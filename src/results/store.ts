import { closeSync, fsyncSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../errors.js';
import type { ArmEvidence } from '../model/run/evidence.js';
import type { RunLedger } from '../model/results/ledger.js';
import type { HostFingerprint, RunPlan } from '../model/results/result.js';
import type { Sample } from '../model/results/sample.js';
import type { SyscallCounts } from '../model/results/syscalls.js';
import type { WorkloadFindings } from '../model/results/workload-findings.js';
import { appendWhole } from './append.js';
import { createSampleCheck } from './check/check-sample.js';
import { writeChecksums } from './checksums.js';
import {
  EVIDENCE_FILE,
  fileError,
  folderName,
  HOST_FILE,
  LEDGER_FILE,
  PLAN_FILE,
  PROFILES_FOLDER,
  SAMPLES_FILE,
  specFile,
  SPECS_FOLDER,
  SYSCALLS_FILE,
  WORKLOAD_FILE,
} from './files.js';

/** A results folder while its run goes on; `using` closes it. */
export interface ResultWriter extends Disposable {
  /** The folder, as its parent was given. */
  readonly path: string;
  /** The folder's own name. */
  readonly name: string;
  readonly writeEvidence: (evidence: readonly ArmEvidence[]) => void;
  /** The text of the spec an arm used, as it was used. */
  readonly writeSpec: (arm: string, text: string) => void;
  /** What the counting runs counted, where there were some. */
  readonly writeSyscalls: (counts: SyscallCounts) => void;
  /** What was found out of a program beside its times. */
  readonly writeWorkload: (findings: WorkloadFindings) => void;
  /** A profile's text; gives its file within the folder. */
  readonly writeProfile: (name: string, text: string) => string;
  /** Once, when the engine is closed. */
  readonly writeLedger: (ledger: RunLedger) => void;
  /**
   * Whole lines in one synchronous write, at the end of a block; what failed to be written leaves no part of a line
   * behind.
   */
  readonly append: (samples: readonly Sample[]) => void;
  /** Once, after all else: closes the folder's files and writes SHA256SUMS over them. */
  readonly seal: () => void;
  /** Flushes to the disk; a second call does nothing. */
  readonly close: () => void;
}

/**
 * Makes `parent` (if need be) and in it a new folder for one run, with host.json and plan.json written. Throws
 * `environment` or `input`.
 */
export function createResultFolder(parent: string, plan: RunPlan, host: HostFingerprint): ResultWriter {
  const name = folderName(plan);
  const path = join(parent, name);
  attempt('to create the folder', parent, () => mkdirSync(parent, { recursive: true }));
  attempt('to create a new folder', path, () => {
    mkdirSync(path);
  });
  attempt('to create the folder', join(path, SPECS_FOLDER), () => {
    mkdirSync(join(path, SPECS_FOLDER));
  });
  writeNew(join(path, HOST_FILE), json(host));
  writeNew(join(path, PLAN_FILE), json(plan));
  const log = sampleLog(join(path, SAMPLES_FILE), plan);
  return {
    path,
    name,
    writeEvidence: (evidence) => {
      writeNew(join(path, EVIDENCE_FILE), json(evidence));
    },
    writeSyscalls: (counts) => {
      writeNew(join(path, SYSCALLS_FILE), json(counts));
    },
    writeWorkload: (findings) => {
      writeNew(join(path, WORKLOAD_FILE), json(findings));
    },
    writeProfile: (name, text) => writeProfile(path, name, text),
    writeLedger: (ledger) => {
      writeNew(join(path, LEDGER_FILE), json(ledger));
    },
    writeSpec: (arm, text) => {
      writeNew(join(path, SPECS_FOLDER, specFile(arm)), text);
    },
    seal: () => {
      log.close();
      writeChecksums(path);
    },
    ...log,
  };
}

function writeProfile(path: string, name: string, text: string): string {
  const file = join(PROFILES_FOLDER, encodeURIComponent(name));
  attempt('to create the folder', join(path, PROFILES_FOLDER), () =>
    mkdirSync(join(path, PROFILES_FOLDER), { recursive: true }),
  );
  writeNew(join(path, file), text);
  return file;
}

type SampleLog = Pick<ResultWriter, 'append' | 'close'> & Disposable;

function sampleLog(path: string, plan: RunPlan): SampleLog {
  const file = attempt('to create the file', path, () => openSync(path, 'ax'));
  const check = createSampleCheck(plan.scenario);
  let size = 0;
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    attempt('to flush the file', path, () => {
      fsyncSync(file);
    });
    closeSync(file);
  };
  const append = (samples: readonly Sample[]): void => {
    if (samples.length === 0) return;
    if (!open) throw new BenchError('runFailed', `${path}: expected an open run, got samples after its end`);
    // A line the reader would refuse must not make the whole folder unreadable.
    for (const sample of samples) refuse(path, sample, check(sample));
    size += appendWhole(file, path, size, Buffer.from(samples.map((sample) => `${JSON.stringify(sample)}\n`).join('')));
  };
  return { append, close, [Symbol.dispose]: close };
}

function refuse(path: string, sample: Sample, fault: string | undefined): void {
  if (fault === undefined) return;
  throw new BenchError('runFailed', `${path}: ${fault}`, {
    hint: `Please report it; the sample was of arm ${sample.arm}, block ${sample.block}. What was written before is kept.`,
  });
}

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

export function writeNew(path: string, text: string): void {
  attempt('to write the file', path, () => {
    writeFileSync(path, text);
  });
}

export function attempt<Result>(wanted: string, path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw fileError(wanted, path, error);
  }
}
