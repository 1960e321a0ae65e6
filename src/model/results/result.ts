import type { EngineFacts } from '../container/container.js';
import type { EngineHost } from '../container/engine-host.js';
import type { FormatVersion } from './format.js';
import type { Emulation } from '../run/emulation.js';
import type { ArmEvidence } from '../run/evidence.js';
import type { AskedOfStarts } from './asked.js';
import type { RunBreak } from './break.js';
import type { RunLedger, Unended } from './ledger.js';
import type { SampleTable } from './sample-table.js';
import type { Sample } from './sample.js';
import type { AskedCounters } from './figures/instructions.js';
import type { DuetCores } from '../run/duet.js';
import type { Scenario } from '../run/scenario.js';
import type { StoppingRule } from '../run/stopping.js';
import type { TimePlan, TriedMode } from '../run/time-plan.js';
import type { UsedProgram } from '../run/program/used-program.js';
import type { SyscallCounts } from './syscalls.js';
import type { WorkloadFindings } from './workload-findings.js';

/** host.json: what the results depend on and do not show. */
export interface HostFingerprint {
  readonly formatVersion: FormatVersion;
  /** @pattern ^\d\d\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?Z$ */
  readonly takenAt: string;
  readonly hostname: string;
  /** uname -m */
  readonly machine: string;
  readonly kernel: string;
  readonly os: string;
  readonly cpuModel: string;
  readonly cpuCount: number;
  readonly memoryMiB: number;
  readonly governor: string | null;
  readonly cgroup: 'v1' | 'v2' | 'hybrid' | 'none';
  readonly libseccomp: string | null;
  readonly node: string;
  readonly bench: string;
  readonly loadAverage: readonly number[];
  /** Share of time stolen by the hypervisor since boot, 0..1. */
  readonly stealShare: number | null;
  readonly virtualization: string | null;
  /** `null` = none seen; absent in results of versions that did not look. */
  readonly emulation?: Emulation | null;
  readonly mitigations: Readonly<Record<string, string>>;
  /** Of the running kernel, new after every boot; absent in results of format 1, and where it is not shown. */
  readonly bootId?: string;
  /**
   * Where the containers ran, as the engine's daemon describes it; absent where this process started them, and in
   * results of versions that did not ask.
   */
  readonly daemon?: EngineHost;
}

/**
 * In plan.json of a run that is one level of a sweep over concurrency. Each level has its own results folder; the
 * levels take turns, in shuffled order within each round, so that drift meets all of them alike.
 */
export interface SweepPart {
  /** The same for all levels of one sweep. */
  readonly id: string;
  /** Ascending; 1 is always among them. */
  readonly levels: readonly number[];
}

/** plan.json: everything needed to repeat the run. */
export interface RunPlan {
  readonly formatVersion: FormatVersion;
  readonly id: string;
  /** @pattern ^\d\d\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?Z$ */
  readonly startedAt: string;
  readonly command: readonly string[];
  readonly scenario: Scenario;
  /** SHA-256 of the scenario's canonical JSON. */
  readonly scenarioSha256: string;
  /** @asType integer */
  readonly seed: number;
  readonly engine: EngineFacts;
  /** What makes the containers, as far as it is on this machine; absent in results of format 1. */
  readonly programs?: readonly UsedProgram[];
  readonly pinnedCpu: number | null;
  /** Where the scenario has duet blocks. */
  readonly duet?: DuetCores;
  /** Where instructions were to be counted. */
  readonly counters?: AskedCounters;
  readonly capabilities: string;
  readonly kernelForProfile: string;
  /** `uname -m` of the machine where the containers ran, if that is another one than the host: a daemon's. */
  readonly machine?: string;
  /** The node's name, where the run is part of a fleet. */
  readonly node?: string;
  /** Present where the run is one level of a sweep over concurrency. */
  readonly sweep?: SweepPart;
  /** What may end the run before its count; absent = nothing. */
  readonly stopping?: readonly StoppingRule[];
  /** Where the run had to fit into a time: what a pilot within it showed, and what was planned. */
  readonly timePlan?: TimePlan;
  /** Where `bench plan` tried every mode before: what each showed. */
  readonly tried?: readonly TriedMode[];
  /** Absent in results of format 1. */
  readonly asked?: AskedOfStarts;
}

/** `uname -m` of the machine on which a run's containers ran. */
export const machineOf = ({ host, plan }: Pick<RunResult, 'host' | 'plan'>): string => plan.machine ?? host.machine;

/** One results folder as read back. */
export interface RunResult {
  /** The folder's name (not its path). */
  readonly name: string;
  readonly host: HostFingerprint;
  readonly plan: RunPlan;
  readonly evidence: readonly ArmEvidence[];
  /** Of every block its last attempt. Of a folder that was read, the objects are made when they are first asked for. */
  readonly samples: readonly Sample[];
  /** The same in little memory; absent in results that were not read from a folder. */
  readonly table?: SampleTable;
  /** Of blocks that were run again: their earlier attempts. Absent: none. */
  readonly repeated?: readonly Sample[];
  /** In their order; absent: none. */
  readonly breaks?: readonly RunBreak[];
  /** Absent in old results, and where the run was killed or still goes on. */
  readonly ledger?: RunLedger;
  /** Where there is no ledger: whether the run still goes on. */
  readonly unended?: Unended;
  /** Absent where system calls were not counted. */
  readonly syscalls?: SyscallCounts;
  /** Absent where no program ran in place of the payload. */
  readonly workload?: WorkloadFindings;
  /** Oddities of the files, one line each (a truncated last line, ...). */
  readonly warnings: readonly string[];
}
