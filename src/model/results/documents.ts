import type { ActionSample } from './percall/action-price.js';
import type { AdviceRecord } from './advice-record.js';
import type { CapacityPlan, CapacitySample } from './capacity.js';
import type { HistoryEntry } from './history.js';
import type { RunBreak } from './break.js';
import type { RunLedger } from './ledger.js';
import type { PercallPlan, PercallSample, SimulatedCall } from './percall/percall.js';
import type { HostFingerprint, RunPlan } from './result.js';
import type { SyscallCounts } from './syscalls.js';
import type { WorkloadFindings } from './workload-findings.js';
import type { ArmEvidence } from '../run/evidence.js';

/**
 * What the files of a results folder hold, by the name of the document. schemas/results.schema.json is made from these
 * types, and every file is checked by it when it is read. Lines of samples.jsonl of container starts have a check of
 * their own, because there are many.
 */
export interface ResultDocuments {
  /** host.json */
  readonly host: HostFingerprint;
  /** plan.json of container starts. */
  readonly plan: RunPlan;
  /** plan.json of a run that prices calls. */
  readonly percallPlan: PercallPlan;
  /** evidence.json */
  readonly evidence: readonly ArmEvidence[];
  /** ledger.json */
  readonly ledger: RunLedger;
  /** A line of breaks.jsonl. */
  readonly break: RunBreak;
  /** syscalls.json */
  readonly syscalls: SyscallCounts;
  /** workload.json */
  readonly workload: WorkloadFindings;
  /** advice.json */
  readonly advice: AdviceRecord;
  /** simulation.json of a run that prices calls. */
  readonly simulation: readonly SimulatedCall[];
  /** A line of samples.jsonl of a run that prices calls. */
  readonly percallSample: PercallSample;
  /** plan.json of a run that measures the kernel memory of a filter. */
  readonly capacityPlan: CapacityPlan;
  /** A line of samples.jsonl of such a run. */
  readonly capacitySample: CapacitySample;
  /** The same of a container whose call was answered by a listener, a log line or a tracer. */
  readonly actionSample: ActionSample;
  /** A line of a history, which is no part of a results folder and is checked in the same way. */
  readonly historyEntry: HistoryEntry;
}
