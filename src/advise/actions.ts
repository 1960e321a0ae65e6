import type { ActionUse } from '../model/analysis/advice.js';
import { CALL_ACTIONS } from '../model/results/percall/action-price.js';
import type { CallAction } from '../model/results/percall/action-price.js';
import type { SeccompRule, SeccompSpec } from '../model/profile/seccomp.js';
import type { ObservedCounts } from './counts.js';

const ACTION_NAMES: Readonly<Record<CallAction, string>> = {
  notify: 'SCMP_ACT_NOTIFY',
  log: 'SCMP_ACT_LOG',
  trace: 'SCMP_ACT_TRACE',
};

/** Rules of a spec that ask a listener or a tracer, or write a log line, with how often their calls were counted. */
export function actionUses(spec: SeccompSpec, counts: ObservedCounts | null): readonly ActionUse[] {
  const rules = spec.syscalls ?? [];
  return CALL_ACTIONS.flatMap((action): readonly ActionUse[] => {
    const own = rules.filter((rule) => rule.action === ACTION_NAMES[action]);
    const names = [...new Set(own.flatMap((rule) => rule.names))];
    const isDefault = spec.defaultAction === ACTION_NAMES[action];
    if (names.length === 0 && !isDefault) return [];
    return [
      {
        action,
        names,
        isDefault,
        hasArguments: own.some(asksForArguments),
        counted: counts === null ? null : countedOf(names, isDefault ? withoutRule(rules) : () => false, counts),
      },
    ];
  });
}

const asksForArguments = ({ args = [] }: SeccompRule): boolean => args.length > 0;

/** Calls without any rule get the default action. */
function withoutRule(rules: readonly SeccompRule[]): (name: string) => boolean {
  const known = new Set(rules.flatMap(({ names }) => names));
  return (name) => !known.has(name);
}

function countedOf(
  names: readonly string[],
  isOther: (name: string) => boolean,
  { from, calls }: ObservedCounts,
): ActionUse['counted'] {
  const own = [...calls]
    .filter(([name, count]) => count > 0 && (names.includes(name) || isOther(name)))
    .map(([name, count]) => ({ name, calls: count }))
    .sort((a, b) => b.calls - a.calls || (a.name < b.name ? -1 : 1));
  return { from, calls: own };
}
