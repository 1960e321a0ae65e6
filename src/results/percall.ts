import { basename, join, resolve } from 'node:path';
import { invalidValue } from '../errors.js';
import { PERCALL_DEFAULTS } from '../model/run/kinds/percall.js';
import type { ActionSample } from '../model/results/percall/action-price.js';
import type { ArmEvidence } from '../model/run/evidence.js';
import type { RunBreak } from '../model/results/break.js';
import type { RunLedger } from '../model/results/ledger.js';
import type { PercallPlan, PercallResult, PercallSample, SimulatedCall } from '../model/results/percall/percall.js';
import type { HostFingerprint } from '../model/results/result.js';
import { folderEnd, openLines } from './append.js';
import { lastAttempts } from './attempts.js';
import {
  evidenceFault,
  percallPlanFault,
  percallSampleFault,
  simulationFault,
  versionedFault,
} from './check/documents.js';
import { verifyChecksums } from './checksums.js';
import {
  BREAKS_FILE,
  createFolder,
  ensureFolder,
  EVIDENCE_FILE,
  folderName,
  HOST_FILE,
  LEDGER_FILE,
  json,
  PLAN_FILE,
  SAMPLES_FILE,
  SIMULATION_FILE,
  specFile,
  SPECS_FOLDER,
  writeNew,
} from './files.js';
import type { UsedSpec } from './files.js';
import { planKindIn } from './find.js';
import { lockIfPossible } from './reopen.js';
import { expectFolder, readBreaks, readDocument, readIfThere, readSampleLines, textTaker, unendedOf } from './read.js';

/** The results folder of a run that prices calls and goes on; `using` flushes and closes its samples. */
export interface PercallWriter extends Disposable {
  /** The folder, as its parent was given. */
  readonly path: string;
  /** The folder's own name. */
  readonly name: string;
  /** Whole lines, at the end of a block. */
  readonly append: (samples: readonly (PercallSample | ActionSample)[]) => void;
  /** One more line of breaks.jsonl. */
  readonly appendBreak: (one: RunBreak) => void;
  /** Once, when the engine is closed. */
  readonly writeLedger: (ledger: RunLedger) => void;
  /** Once, after all else: closes the folder's files and writes SHA256SUMS over them. */
  readonly seal: () => void;
}

/** What is known before the first container starts. */
export interface PercallBeginning {
  readonly plan: PercallPlan;
  readonly host: HostFingerprint;
  readonly evidence: readonly ArmEvidence[];
  readonly simulated: readonly SimulatedCall[];
  /** What every arm was made of, as it was used. */
  readonly specs: readonly UsedSpec[];
}

/** Creates the folder of one run below `parent`. Throws `environment` or `input`. */
export function createPercallFolder(
  parent: string,
  { plan, host, evidence, simulated, specs }: PercallBeginning,
): PercallWriter {
  const name = folderName({ ...plan, scenario: { name: plan.scenario?.name ?? PERCALL_DEFAULTS.name } });
  const path = join(parent, name);
  ensureFolder(parent);
  for (const folder of [path, join(path, SPECS_FOLDER)]) createFolder(folder);
  const documents = { [HOST_FILE]: host, [PLAN_FILE]: plan, [EVIDENCE_FILE]: evidence, [SIMULATION_FILE]: simulated };
  for (const [file, value] of Object.entries(documents)) writeNew(join(path, file), json(value));
  for (const spec of specs) writeNew(join(path, SPECS_FOLDER, specFile(spec)), spec.content);
  const lock = lockIfPossible(path);
  return { path, name, ...folderEnd(path, openLines(join(path, SAMPLES_FILE), null), lock) };
}

/** Whether it is the results folder of a run that prices calls; `false` for anything that cannot be read as one. */
export const isPercallFolder = (path: string): boolean => planKindIn(path).kind === 'percall';

/**
 * Reads and checks such a folder; a truncated last line of samples (a crash) becomes a warning, everything else that is
 * wrong throws `input`.
 */
export function readPercallFolder(path: string): PercallResult {
  expectFolder(path);
  verifyChecksums(path);
  const plan = readDocument(join(path, PLAN_FILE), (value) => {
    refuseOtherKind(path, value);
    return percallPlanFault(value);
  }) as PercallPlan;
  const host = readDocument(join(path, HOST_FILE), (value) => versionedFault('host', value)) as HostFingerprint;
  const evidence = readDocument(join(path, EVIDENCE_FILE), (value) =>
    evidenceFault(
      value,
      plan.arms.map(({ name }) => name),
    ),
  ) as ArmEvidence[];
  const simulated = readDocument(join(path, SIMULATION_FILE), (value) =>
    simulationFault(value, plan),
  ) as SimulatedCall[];
  const ledger = readIfThere(join(path, LEDGER_FILE), (value) => versionedFault('ledger', value)) as
    RunLedger | undefined;
  const warnings: string[] = [];
  const { samples: lines, repeated: earlier } = lastAttempts(readSamples(join(path, SAMPLES_FILE), plan, warnings));
  const [samples, repeated, actionSamples] = [lines.filter(isOfArm), earlier.filter(isOfArm), lines.filter(isOfAction)];
  const breaks = readBreaks(join(path, BREAKS_FILE), warnings);
  return {
    name: basename(resolve(path)),
    host,
    plan,
    evidence,
    simulated,
    samples,
    ...(actionSamples.length === 0 ? {} : { actionSamples }),
    ...(repeated.length === 0 ? {} : { repeated }),
    ...(breaks.length === 0 ? {} : { breaks }),
    ...(ledger === undefined ? { unended: unendedOf(path, { plan, host }) } : { ledger }),
    warnings,
  };
}

/** A folder of starts is read by another command. */
function refuseOtherKind(path: string, plan: unknown): void {
  const { kind, scenario } = (plan ?? {}) as {
    readonly kind?: unknown;
    readonly scenario?: { readonly name?: unknown } | null;
  };
  if (kind === 'percall' || typeof scenario !== 'object' || scenario === null) return;
  throw invalidValue(path, 'a results folder of bench percall', `one of container starts (${String(scenario.name)})`, {
    code: 'input',
    hint: `bench report ${path} reads it.`,
  });
}

type Line = PercallSample | ActionSample;

const isOfAction = (line: Line): line is ActionSample => 'action' in line;
const isOfArm = (line: Line): line is PercallSample => !isOfAction(line);

function readSamples(file: string, plan: PercallPlan, warnings: string[]): readonly Line[] {
  const samples: Line[] = [];
  const takeText = textTaker(file, {
    faultOf: (value) => percallSampleFault(value, plan),
    takeValue: (value) => {
      samples.push(value as Line);
    },
    warnings,
  });
  readSampleLines(file, { open: () => undefined, takeBytes: () => -1, takeText });
  return samples;
}
