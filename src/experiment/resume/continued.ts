import type { RunEnd } from '../../model/results/ledger.js';
import type { HostFingerprint } from '../../model/results/result.js';
import type { Sample } from '../../model/results/sample.js';
import type { EngineFacts } from '../../model/container/container.js';
import type { ArmEvidence } from '../../model/run/evidence.js';
import type { DuetCores } from '../../model/run/duet.js';
import type { UsedProgram } from '../../model/run/program/used-program.js';
import type { ResultWriter } from '../../results/index.js';
import type { BlocksLeft } from './blocks-left.js';
import type { RecordedArms } from './recorded-arms.js';

/** A results folder that is continued. */
export interface ContinuedFolder {
  /** As it is shown. */
  readonly folder: string;
  readonly samples: readonly Sample[];
  /** The samples of the measured blocks that are whole, block by block. */
  readonly wholeBlocks: readonly (readonly Sample[])[];
  readonly left: BlocksLeft;
  /** How its run had ended; `null`: it was killed. */
  readonly after: RunEnd | null;
  /** Whether the program's findings are there already. */
  readonly hasFindings: boolean;
  /** Opens it for more samples; what it replaces is put aside. */
  readonly reopen: (found: {
    readonly host: HostFingerprint;
    readonly evidence: readonly ArmEvidence[];
  }) => ResultWriter;
}

/** An experiment that is continued: what it began with, which every later part must have too. */
export interface Continued {
  readonly engine: EngineFacts;
  /** What made its containers, by path and bytes. */
  readonly programs: readonly UsedProgram[];
  readonly evidence: readonly ArmEvidence[];
  /** The cores of its duet blocks; absent: it had none. */
  readonly duet?: DuetCores;
  /** The text of every arm's spec. */
  readonly texts: ReadonlyMap<string, string>;
  /** What is different now and does not stand against it, one line each. */
  readonly changes: readonly string[];
  /** The arms as they are in the folder; `null`: their profiles are read and converted again. */
  readonly arms: RecordedArms | null;
  /** By the name of its scenario: one, or one per level of a sweep. */
  readonly folders: ReadonlyMap<string, ContinuedFolder>;
}
