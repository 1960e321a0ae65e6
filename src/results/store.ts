import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BenchError } from '../errors.js';
import type { ArmEvidence } from '../model/run/evidence.js';
import type { RunBreak } from '../model/results/break.js';
import type { RunLedger } from '../model/results/ledger.js';
import type { HostFingerprint, RunPlan } from '../model/results/result.js';
import type { Sample } from '../model/results/sample.js';
import type { SyscallCounts } from '../model/results/syscalls.js';
import type { WorkloadFindings } from '../model/results/workload-findings.js';
import { folderEnd, openLines } from './append.js';
import type { LineLog } from './append.js';
import { createSampleCheck } from './check/check-sample.js';
import type { SampleCheck } from './check/check-sample.js';
import { lockIfPossible } from './reopen.js';
import {
  attempt,
  createFolder,
  ensureFolder,
  EVIDENCE_FILE,
  folderName,
  HOST_FILE,
  json,
  PLAN_FILE,
  PROFILES_FOLDER,
  replaceFile,
  SAMPLES_FILE,
  specFile,
  SPECS_FOLDER,
  SYSCALLS_FILE,
  WORKLOAD_FILE,
  writeNew,
} from './files.js';
import type { UsedSpec } from './files.js';
import { distinctName } from './names.js';

/** The results folder of a run that goes on; `using` closes it. It never replaces a file. */
export interface ResultWriter extends Disposable {
  /** The folder, as its parent was given. */
  readonly path: string;
  /** The folder's own name. */
  readonly name: string;
  readonly writeEvidence: (evidence: readonly ArmEvidence[]) => void;
  /** The evidence again, with what only the run itself could show. */
  readonly completeEvidence: (evidence: readonly ArmEvidence[]) => void;
  /** What an arm was made of, as it was used. */
  readonly writeSpec: (spec: UsedSpec) => void;
  /** What the counting runs counted. */
  readonly writeSyscalls: (counts: SyscallCounts) => void;
  /** What was found out about a program besides its times. */
  readonly writeWorkload: (findings: WorkloadFindings) => void;
  /** A CPU profile's text; returns its path within the folder. */
  readonly writeProfile: (name: string, text: string) => string;
  /** After the engine is closed. */
  readonly writeLedger: (ledger: RunLedger) => void;
  /** One more line of breaks.jsonl. */
  readonly appendBreak: (one: RunBreak) => void;
  /** Whole lines in one synchronous write, at the end of a block; a failed write leaves no part of a line behind. */
  readonly append: (samples: readonly Sample[]) => void;
  /** At the end: closes the samples and writes SHA256SUMS of all files. */
  readonly seal: () => void;
  /** Flushes the samples to the disk; a second call does nothing. */
  readonly close: () => void;
}

/**
 * Creates the folder of one run below `parent`, which is created where it is missing, and writes host.json and
 * plan.json. The folder is locked until it is sealed, so that others see that its run lives. Throws `environment` or
 * `input`, also where the folder exists already.
 */
export function createResultFolder(parent: string, plan: RunPlan, host: HostFingerprint): ResultWriter {
  const name = folderName(plan);
  const path = join(parent, name);
  ensureFolder(parent);
  createFolder(path);
  createFolder(join(path, SPECS_FOLDER));
  writeNew(join(path, HOST_FILE), json(host));
  writeNew(join(path, PLAN_FILE), json(plan));
  const lock = lockIfPossible(path);
  return writerIn(path, checkedLines(join(path, SAMPLES_FILE), createSampleCheck(plan.scenario), null), lock);
}

/** A results folder that is about to be continued. */
export interface Reopening {
  readonly path: string;
  readonly plan: RunPlan;
  /** Every sample that is there, of earlier attempts too. */
  readonly earlier: readonly Sample[];
  /** Held until the folder is sealed. */
  readonly lock: Disposable;
}

/** The writer of a folder that was made earlier; new samples come after those that are there. */
export function reopenResultFolder({ path, plan, earlier, lock }: Reopening): ResultWriter {
  const file = join(path, SAMPLES_FILE);
  const check = createSampleCheck(plan.scenario);
  for (const sample of earlier) refuse(file, sample, check(sample));
  return writerIn(path, checkedLines(file, check, attempt('read', file, () => statSync(file)).size), lock);
}

function writerIn(path: string, log: LineLog, lock: Disposable): ResultWriter {
  return {
    path,
    name: basename(path),
    writeEvidence: (evidence) => {
      writeNew(join(path, EVIDENCE_FILE), json(evidence));
    },
    completeEvidence: (evidence) => {
      replaceFile(join(path, EVIDENCE_FILE), json(evidence));
    },
    writeSyscalls: (counts) => {
      writeNew(join(path, SYSCALLS_FILE), json(counts));
    },
    writeWorkload: (findings) => {
      writeNew(join(path, WORKLOAD_FILE), json(findings));
    },
    writeProfile: (name, text) => writeProfile(path, name, text),
    writeSpec: (spec) => {
      writeNew(join(path, SPECS_FOLDER, specFile(spec)), spec.content);
    },
    close: log.close,
    ...folderEnd(path, log, lock),
  };
}

function writeProfile(path: string, name: string, text: string): string {
  const file = join(PROFILES_FOLDER, distinctName(name));
  ensureFolder(join(path, PROFILES_FOLDER));
  writeNew(join(path, file), text);
  return file;
}

/** A line the reader would refuse must not make the whole folder unreadable. */
function checkedLines(path: string, check: SampleCheck, before: number | null): LineLog {
  const log = openLines(path, before);
  return {
    ...log,
    append: (samples) => {
      for (const sample of samples as readonly Sample[]) refuse(path, sample, check(sample));
      log.append(samples);
    },
  };
}

function refuse(path: string, sample: Sample, fault: string | undefined): void {
  if (fault === undefined) return;
  throw new BenchError('runFailed', `${path}: ${fault}`, {
    hint:
      `This is a fault of bench, please report it (arm ${sample.arm}, block ${sample.block}). ` +
      'What was written until now is kept.',
  });
}
