import type { HostReading } from '../../model/host/use.js';
import { conditionsBetween, disturbances } from '../../model/results/conditions.js';
import type { RunConditions } from '../../model/results/conditions.js';
import type { ProvedExperiment } from '../states.js';

/** How busy this machine is while an experiment records, and whether that should be known before. */
export class ConditionMeter {
  readonly #proved: ProvedExperiment;
  #begun: { readonly reading: HostReading; readonly otherRuns: readonly string[] } | null = null;

  constructor(proved: ProvedExperiment) {
    this.#proved = proved;
  }

  /** Before the first block: tells what disturbs, judged by the time since the experiment was opened. */
  begin(): void {
    const { parts, context, hostBefore } = this.#proved;
    if (this.#isElsewhere()) return;
    this.#begun = { reading: parts.readHostUse(), otherRuns: parts.otherRuns(context.cwd) };
    const disturbed = disturbances(this.#between(hostBefore, this.#begun.reading, this.#begun.otherRuns));
    if (disturbed !== null) context.notify({ kind: 'hostBusy', ...disturbed });
  }

  /** After the last block; `null`: the containers ran elsewhere, or nothing was recorded. */
  end(): RunConditions | null {
    const { parts, context } = this.#proved;
    if (this.#begun === null) return null;
    const { reading, otherRuns } = this.#begun;
    return this.#between(reading, parts.readHostUse(), [...new Set([...otherRuns, ...parts.otherRuns(context.cwd)])]);
  }

  #between(from: HostReading, to: HostReading, otherRuns: readonly string[]): RunConditions {
    const { load: loadBefore } = this.#proved.hostBefore;
    const conditions = conditionsBetween(from, to, { loadBefore, otherRuns });
    return this.#hasDaemon() ? { ...conditions, othersShare: null } : conditions;
  }

  #isElsewhere(): boolean {
    return this.#proved.session.engine.host !== undefined;
  }

  /** What a daemon's containers use counts as the work of others. */
  #hasDaemon(): boolean {
    const { session, scenario } = this.#proved;
    return scenario.arms.some(({ name }) => typeof session.engine.daemonSocket?.(name) === 'string');
  }
}
