import type { ActionUse, PricedActionUse } from '../../model/analysis/advice.js';
import type { Amount } from '../../model/analysis/workload-analysis.js';
import type { CallAction } from '../../model/results/percall/action-price.js';
import { plainLine } from '../../model/plain-text.js';
import { amountText, counted, formatTime } from '../text/format.js';
import { someOf } from '../words/names.js';
import { formatCount } from '../../model/numbers.js';

const MOST_NAMES = 6;

const DONE: Readonly<Record<CallAction, string>> = {
  notify: 'asks a listener (SCMP_ACT_NOTIFY)',
  log: 'writes a log line (SCMP_ACT_LOG)',
  trace: 'asks a tracer (SCMP_ACT_TRACE)',
};

const CALL: Readonly<Record<CallAction, string>> = {
  notify: 'A call that a listener answers',
  log: 'A logged call',
  trace: 'A call that a tracer continues',
};

/** Where prices of actions come from. */
export interface PriceSource {
  readonly blocks: number;
  /** Name of the engine. */
  readonly engine: string;
}

/** A warning in numbers for each action that costs more than an allowed call; `null`: none was measured. */
export const actionWarnings = (uses: readonly PricedActionUse[], source: PriceSource | null): readonly string[] =>
  uses.map((use) => `${useWords(use)} ${priceWords(use, source)}`);

/** `For 41 calls of ls -lR (openat 30, statx 11) the profile asks a listener (SCMP_ACT_NOTIFY).` */
function useWords({ action, names, isDefault, hasArguments, counted: seen }: ActionUse): string {
  if (seen === null) {
    const calls = isDefault ? 'every call without another rule' : plainLine(someOf(names, MOST_NAMES));
    const unknown = 'how often a program makes such calls is not known without counts';
    return `The profile ${DONE[action]} for ${calls}; ${unknown}.`;
  }
  const from = plainLine(seen.from);
  if (seen.calls.length === 0) return `The profile ${DONE[action]} for calls that ${from} does not make.`;
  const list = someOf(
    seen.calls.map(({ name, calls }) => `${plainLine(name)} ${formatCount(calls)}`),
    MOST_NAMES,
  );
  const most = hasArguments ? 'at most ' : '';
  return `The profile ${DONE[action]} for ${most}${counted(totalOf(seen), 'call')} of ${from} (${list}).`;
}

const totalOf = ({ calls }: NonNullable<ActionUse['counted']>): number =>
  calls.reduce((sum, one) => sum + one.calls, 0);

/** `A logged call costs 4.1 µs [4.0, 4.2] more than an allowed one, 168 µs [164, 172] for 41 calls.` */
function priceWords(
  { action, added, reason, counted: seen, hasArguments }: PricedActionUse,
  source: PriceSource | null,
): string {
  if (added === null || source === null)
    return `What that costs is not measured here: ${reason ?? 'no block is complete'}.`;
  const total = seen === null ? 0 : totalOf(seen);
  const sum =
    total === 0 ? '' : `, ${hasArguments ? 'at most ' : ''}${sumText(added, total)} for ${counted(total, 'call')}`;
  const from = `measured on this machine in ${counted(source.blocks, 'block')} with ${source.engine}`;
  const answers =
    action === 'log' ? '' : ` What the ${action === 'notify' ? 'listener' : 'tracer'} itself does comes on top.`;
  return `${CALL[action]} costs ${amountText(added, 2)} more than an allowed one${sum}, ${from}.${answers}`;
}

/** What so many calls cost. */
const sumText = ({ ns, low, high }: Amount, calls: number): string =>
  low === null || high === null
    ? formatTime(calls * ns)
    : amountText({ ns: calls * ns, low: calls * low, high: calls * high }, 2);
