import type { CallerReport, PercallPlace, PricedCall } from './caller-report.js';
import type { ActionPlan, ActionSample } from './action-price.js';
import type { ArmEvidence } from '../../run/evidence.js';
import type { EngineFacts } from '../../container/container.js';
import type { FormatVersion } from '../format.js';
import type { RunBreak } from '../break.js';
import type { RunLedger, Unended } from '../ledger.js';
import type { HostFingerprint } from '../result.js';
import type { ArmDefinition } from '../../run/scenario.js';
import type { UsedProgram } from '../../run/program/used-program.js';
import type { Dialect } from '../../profile/seccomp.js';

/** A call that was not timed, as an arm's filter would end or stop the program that times it. */
export interface UnpricedCall {
  readonly call: string;
  readonly arm: string;
  /** KILL_PROCESS, TRAP, ... */
  readonly action: string;
}

/** Several of them with the same arm and answer. */
export interface UnpricedCalls extends Pick<UnpricedCall, 'arm' | 'action'> {
  readonly calls: readonly string[];
}

/** Those with the same arm and answer together, in their order. */
export function unpricedTogether(unpriced: readonly UnpricedCall[]): readonly UnpricedCalls[] {
  const groups = new Map<string, UnpricedCalls>();
  for (const { call, arm, action } of unpriced) {
    const key = `${arm}\n${action}`;
    groups.set(key, { arm, action, calls: [...(groups.get(key)?.calls ?? []), call] });
  }
  return [...groups.values()];
}

/**
 * A call that no kernel has: it costs only the entry to the kernel and the return. It is priced wherever a filter lets
 * its caller live.
 */
export const UNKNOWN_CALL = { name: 'unknown', nr: 65_535 } as const;

/** What the filters of an arm do with a call, by simulation of their bytes. */
export interface SimulatedCall {
  readonly arm: string;
  readonly call: string;
  /** Classic BPF instructions executed, over all filters of the arm; 0 without one, `null` where `from` is unknown. */
  readonly instructions: number | null;
  /** ALLOW, ERRNO(EPERM), ... */
  readonly action: string;
  /** The errno of a denied call; `null` where the filter allows it. */
  readonly errno: number | null;
  /** The kernel knows from number and architecture that every filter allows it, and runs none. */
  readonly cached: boolean;
  /**
   * Origin of the bytes: read from a container, or built by libseccomp in this process as the engine builds them;
   * `unknown`: how it builds them is not known, and the answers are those of the plain form.
   */
  readonly from: 'loaded' | 'predicted' | 'unknown' | 'none';
}

/** Whether it is known how many instructions a call executes. */
export const hasKnownLength = <Call extends Pick<SimulatedCall, 'instructions'>>(
  call: Call,
): call is Call & { readonly instructions: number } => call.instructions !== null;

/** plan.json of a run that prices calls. */
export interface PercallPlan {
  readonly formatVersion: FormatVersion;
  readonly kind: 'percall';
  readonly id: string;
  /** @pattern ^\d\d\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?Z$ */
  readonly startedAt: string;
  readonly command: readonly string[];
  /** @asType integer */
  readonly seed: number;
  readonly engine: EngineFacts;
  /** What makes the containers, as far as it is on this machine; absent in results of format 1. */
  readonly programs?: readonly UsedProgram[];
  readonly pinnedCpu: number | null;
  readonly capabilities: string;
  readonly kernelForProfile: string;
  /** Of the scenario file that asked for it; absent: options or a program did. */
  readonly scenario?: { readonly name: string; readonly title?: string };
  /** `null` = the built-in default. */
  readonly profile: string | null;
  readonly dialect: Dialect;
  /** Baseline and control included. */
  readonly arms: readonly ArmDefinition[];
  readonly calls: readonly PricedCall[];
  /** Calls that nobody asked for by name and that could not be timed; absent: none. */
  readonly notPriced?: readonly UnpricedCall[];
  /**
   * Measured containers per arm.
   *
   * @asType integer
   * @minimum 1
   */
  readonly blocks: number;
  /** @asType integer */
  readonly warmup: number;
  /**
   * Loops over every call within one container.
   *
   * @asType integer
   * @minimum 1
   */
  readonly rounds: number;
  /**
   * Calls in one loop.
   *
   * @asType integer
   * @minimum 1
   */
  readonly loops: number;
  /** What it costs when a filter's answer is a listener's, a log line or a tracer's; absent: not measured. */
  readonly actions?: ActionPlan;
}

interface ArmPlace extends PercallPlace {
  readonly arm: string;
}

/** One line of samples.jsonl of a run that prices calls: the report of a container, or why there is none. */
export type PercallSample =
  | (ArmPlace & CallerReport & { readonly state: 'ok' })
  | (ArmPlace & {
      readonly state: 'failed' | 'timedOut' | 'interrupted';
      readonly cause: string;
      readonly stderr: string;
    });

/** The results folder of a run that prices calls, read back. */
export interface PercallResult {
  /** The folder's own name. */
  readonly name: string;
  readonly host: HostFingerprint;
  readonly plan: PercallPlan;
  readonly evidence: readonly ArmEvidence[];
  readonly simulated: readonly SimulatedCall[];
  /** Of every block its last attempt. */
  readonly samples: readonly PercallSample[];
  /** Of containers whose call was answered by a listener, a log line or a tracer; absent: none. */
  readonly actionSamples?: readonly ActionSample[];
  /** Of blocks that were run again: their earlier attempts. Absent: none. */
  readonly repeated?: readonly PercallSample[];
  /** In their order; absent: none. */
  readonly breaks?: readonly RunBreak[];
  /** Absent in results of older versions, and where the run was killed or still goes on. */
  readonly ledger?: RunLedger;
  /** Where there is no ledger: whether the run still goes on. */
  readonly unended?: Unended;
  readonly warnings: readonly string[];
}

/** A value with its 95 % interval; infinite ends where too few blocks give none. */
export interface Located {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A system call by name, before its number is known. */
export interface NamedCall {
  readonly name: string;
  readonly args: readonly string[];
}
