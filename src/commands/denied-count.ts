import { countCalls, inspectFilter, kindOf } from '../filter/index.js';
import type { DeniedCount, InspectedFilter } from '../model/inspection.js';
import type { Profile } from '../model/profile.js';
import { DOCUMENTED_DENIED } from '../profile/index.js';
import { predict } from './predict.js';
import type { ConversionOptions } from './predict.js';
import type { Target } from './target.js';

const CAPABILITIES = [
  { what: 'with Docker\'s default capabilities', caps: 'docker' },
  { what: 'without capabilities', caps: 'none' },
  { what: 'with all capabilities', caps: 'all' },
] as const;

/** Counts the calls a profile denies on a machine's own architecture in several ways, and holds them against Docker's documentation. */
export function countDenied(profile: Profile, target: Target, options: ConversionOptions): DeniedCount {
  const ways = CAPABILITIES.map(({ what, caps }) => ({ what, filter: inspected(profile, target, { ...options, caps }) }));
  const rows = ways.map(({ what, filter }) => {
    const counts = countCalls(filter.calls).find(({ arch }) => arch === target.machine);
    return { what, denied: counts?.denied ?? 0, conditional: counts?.conditional ?? 0 };
  });
  return { arch: target.machine, rows, documented: documentedIn(ways[0]?.filter, target.machine) };
}

function inspected(profile: Profile, target: Target, options: ConversionOptions): InspectedFilter {
  const { filter } = predict(profile, target, { ...options, policy: 'native', form: 'tree' });
  return inspectFilter([filter], { kind: 'predicted', libseccomp: '', form: 'tree' }, target.machine);
}

function documentedIn(filter: InspectedFilter | undefined, arch: string): DeniedCount['documented'] {
  const existing = (filter?.calls ?? []).filter((call) => call.arch === arch && DOCUMENTED_DENIED.includes(call.name));
  const notDenied = existing.filter((call) => kindOf(call) !== 'denied');
  return { named: DOCUMENTED_DENIED.length, existing: existing.length, denied: existing.length - notDenied.length, notDenied: notDenied.map(({ name }) => name) };
}
