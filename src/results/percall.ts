import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { BenchError } from '../errors.js';
import type { ArmEvidence } from '../model/run/evidence.js';
import type { RunLedger } from '../model/results/ledger.js';
import type { PercallPlan, PercallResult, PercallSample, SimulatedCall } from '../model/results/percall.js';
import type { HostFingerprint } from '../model/results/result.js';
import { appendWhole } from './append.js';
import { evidenceFault, hostFault } from './check/check-documents.js';
import { ledgerFault } from './check/check-ledger.js';
import { percallPlanFault, percallSampleFault, simulationFault } from './check/check-percall.js';
import { verifyChecksums, writeChecksums } from './checksums.js';
import {
  EVIDENCE_FILE,
  fileError,
  folderName,
  HOST_FILE,
  LEDGER_FILE,
  PLAN_FILE,
  SAMPLES_FILE,
  SIMULATION_FILE,
  specFile,
  SPECS_FOLDER,
} from './files.js';
import { readLines } from './lines.js';
import { brokenLine, expectFolder, parsed, readDocument, readIfThere } from './read.js';
import { attempt, json, writeNew } from './store.js';

/** A results folder of a run that prices calls, while it goes on; `using` flushes and closes its samples. */
export interface PercallWriter extends Disposable {
  /** The folder, as its parent was given. */
  readonly path: string;
  /** The folder's own name. */
  readonly name: string;
  /** Whole lines, at the end of a block. */
  readonly append: (samples: readonly PercallSample[]) => void;
  /** Once, when the engine is closed. */
  readonly writeLedger: (ledger: RunLedger) => void;
  /** Once, after all else: closes the folder's files and writes SHA256SUMS over them. */
  readonly seal: () => void;
}

/** What is known before the first container. */
export interface PercallBeginning {
  readonly plan: PercallPlan;
  readonly host: HostFingerprint;
  readonly evidence: readonly ArmEvidence[];
  readonly simulated: readonly SimulatedCall[];
  /** The text of the spec of every arm, as it was used. */
  readonly specs: readonly { readonly arm: string; readonly text: string }[];
}

/** Makes `parent` (if need be) and in it a new folder for one run. Throws `environment` or `input`. */
export function createPercallFolder(
  parent: string,
  { plan, host, evidence, simulated, specs }: PercallBeginning,
): PercallWriter {
  const name = folderName({ ...plan, scenario: { name: 'percall' } });
  const path = join(parent, name);
  attempt('to create the folder', parent, () => mkdirSync(parent, { recursive: true }));
  for (const folder of [path, join(path, SPECS_FOLDER)])
    attempt('to create a new folder', folder, () => {
      mkdirSync(folder);
    });
  const documents = { [HOST_FILE]: host, [PLAN_FILE]: plan, [EVIDENCE_FILE]: evidence, [SIMULATION_FILE]: simulated };
  for (const [file, value] of Object.entries(documents)) writeNew(join(path, file), json(value));
  for (const { arm, text } of specs) writeNew(join(path, SPECS_FOLDER, specFile(arm)), text);
  const log = sampleLog(join(path, SAMPLES_FILE));
  return {
    path,
    name,
    ...log,
    writeLedger: (ledger) => {
      writeNew(join(path, LEDGER_FILE), json(ledger));
    },
    seal: () => {
      log[Symbol.dispose]();
      writeChecksums(path);
    },
  };
}

function sampleLog(path: string): Pick<PercallWriter, 'append'> & Disposable {
  const file = attempt('to create the file', path, () => openSync(path, 'ax'));
  let size = 0;
  let open = true;
  return {
    append: (samples) => {
      const lines = samples.map((sample) => `${JSON.stringify(sample)}\n`).join('');
      size += appendWhole(file, path, size, Buffer.from(lines));
    },
    [Symbol.dispose]: () => {
      if (!open) return;
      open = false;
      attempt('to flush the file', path, () => {
        fsyncSync(file);
      });
      closeSync(file);
    },
  };
}

/** Whether a folder is one of a run that prices calls; `false` for whatever cannot be read as one. */
export function isPercallFolder(path: string): boolean {
  try {
    return (JSON.parse(readFileSync(join(path, PLAN_FILE), 'utf8')) as { readonly kind?: unknown }).kind === 'percall';
  } catch {
    return false;
  }
}

/**
 * Reads and checks such a folder; a last line that was cut off (a crash) becomes a warning, anything else that is wrong
 * throws `input`.
 */
export function readPercallFolder(path: string): PercallResult {
  expectFolder(path);
  verifyChecksums(path);
  const plan = readDocument(join(path, PLAN_FILE), (value) => {
    refuseOtherKind(path, value);
    return percallPlanFault(value);
  }) as PercallPlan;
  const host = readDocument(join(path, HOST_FILE), hostFault) as HostFingerprint;
  const evidence = readDocument(join(path, EVIDENCE_FILE), (value) =>
    evidenceFault(
      value,
      plan.arms.map(({ name }) => name),
    ),
  ) as ArmEvidence[];
  const simulated = readDocument(join(path, SIMULATION_FILE), (value) =>
    simulationFault(value, plan),
  ) as SimulatedCall[];
  const ledger = readIfThere(join(path, LEDGER_FILE), ledgerFault) as RunLedger | undefined;
  const warnings: string[] = [];
  return {
    name: basename(resolve(path)),
    host,
    plan,
    evidence,
    simulated,
    samples: readSamples(join(path, SAMPLES_FILE), plan, warnings),
    ...(ledger === undefined ? {} : { ledger }),
    warnings,
  };
}

/** A folder of starts is not broken: another command reads it. */
function refuseOtherKind(path: string, plan: unknown): void {
  const { kind, scenario } = (plan ?? {}) as {
    readonly kind?: unknown;
    readonly scenario?: { readonly name?: unknown } | null;
  };
  if (kind === 'percall' || typeof scenario !== 'object' || scenario === null) return;
  throw new BenchError(
    'input',
    `${path}: expected a results folder of bench percall, got one of another kind (scenario ${String(scenario.name)})`,
    { hint: `bench report ${path} reads it.` },
  );
}

function readSamples(file: string, plan: PercallPlan, warnings: string[]): readonly PercallSample[] {
  const samples: PercallSample[] = [];
  const takeText = (text: string, line: number, ended: boolean): void => {
    const value = ended ? parsed(text, () => brokenLine(file, line, text)) : parsed(text, () => undefined);
    if (value === undefined) {
      warnings.push(
        `${SAMPLES_FILE}:${line}: the last line is cut off, as a crash leaves it: it was left out, all before it was kept.`,
      );
      return;
    }
    const fault = percallSampleFault(value, plan);
    if (fault !== undefined)
      throw new BenchError('input', `${file}:${line}: ${fault}`, {
        hint: 'Restore the file from a copy: results are not meant to be edited.',
      });
    samples.push(value as PercallSample);
  };
  try {
    readLines(file, { open: () => undefined, takeBytes: () => -1, takeText });
  } catch (error) {
    throw error instanceof BenchError ? error : fileError('a file of the results', file, error);
  }
  return samples;
}
