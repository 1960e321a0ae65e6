import { countCalls, inspectFilter } from '../../filter/index.js';
import { callKind } from '../../model/filter/answers.js';
import type { DeniedCount, InspectedFilter } from '../../model/filter/inspection.js';
import { CAPABILITIES, DOCKER_CAPABILITIES } from '../../model/profile/capabilities.js';
import type { Profile } from '../../model/profile/profile.js';
import type { CallVerdict } from '../../model/filter/simulation.js';
import { DOCUMENTED_COUNT, DOCUMENTED_DENIED, LAST_CALL_THEN, WITHOUT_FUNCTION } from '../../profile/index.js';
import { predict } from '../arms/predict.js';
import type { ConversionOptions, Target } from '../arms/predict.js';

const WAYS = [
  { what: "with Docker's default capabilities", capabilities: DOCKER_CAPABILITIES },
  { what: 'without capabilities', capabilities: [] },
  { what: 'with all capabilities', capabilities: CAPABILITIES },
] as const;

/**
 * Counts the calls a profile denies on a machine's own architecture in several ways, to be compared with Docker's
 * documentation.
 */
export function countDenied(profile: Profile, target: Target, options: ConversionOptions): DeniedCount {
  const ways = WAYS.map(({ what, capabilities }) => ({
    what,
    filter: inspected(profile, target, { ...options, capabilities }),
  }));
  const rows = ways.map(({ what, filter }) => {
    const counts = countCalls(filter.calls).find(({ arch }) => arch === target.machine);
    return { what, denied: counts?.denied ?? 0, conditional: counts?.conditional ?? 0 };
  });
  const first = (ways[0]?.filter.calls ?? []).filter(({ arch }) => arch === target.machine);
  const split = splitOf(
    first.filter((call) => callKind(call) === 'denied'),
    target.machine,
  );
  return {
    arch: target.machine,
    figure: DOCUMENTED_COUNT,
    rows,
    ...(split === undefined ? {} : { split }),
    documented: documentedIn(first),
  };
}

function splitOf(denied: readonly CallVerdict[], arch: string): DeniedCount['split'] {
  const [empty, last] = [WITHOUT_FUNCTION[arch], LAST_CALL_THEN[arch]];
  if (empty === undefined || last === undefined) return undefined;
  const withoutFunction = denied.filter(({ name }) => empty.includes(name)).length;
  const newer = denied.filter(({ name, nr }) => nr > last && !empty.includes(name)).length;
  return { withoutFunction, newer, others: denied.length - withoutFunction - newer };
}

function inspected(profile: Profile, target: Target, options: ConversionOptions): InspectedFilter {
  const { filter } = predict(profile, target, { ...options, policy: 'native', form: 'tree' });
  return inspectFilter([filter], { kind: 'predicted', libseccomp: '', form: 'tree' }, target.machine);
}

function documentedIn(calls: readonly CallVerdict[]): DeniedCount['documented'] {
  const existing = calls.filter(({ name }) => DOCUMENTED_DENIED.includes(name));
  const notDenied = existing.filter((call) => callKind(call) !== 'denied');
  return {
    named: DOCUMENTED_DENIED.length,
    existing: existing.length,
    denied: existing.length - notDenied.length,
    notDenied: notDenied.map(({ name }) => name),
  };
}
