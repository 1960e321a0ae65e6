import type { CallCounts, FilterOrigin, InspectedFilter, ProgramFacts } from '../../model/filter/inspection.js';
import { callKind, denialOf } from '../../model/filter/answers.js';
import type { CallKind, Denial } from '../../model/filter/answers.js';
import type { CallVerdict } from '../../model/filter/simulation.js';
import { architectureFacts } from './architecture-facts.js';
import { knownArchitecture } from './calls.js';
import type { KnownArchitecture } from './calls.js';
import { encodeFilter, filterFacts } from './instructions.js';
import { depthOf, sectionFacts } from './sections.js';
import type { Simulator } from '../simulate/simulate.js';
import { stackedVerdicts } from './stacked.js';
import { stubOf } from './stub.js';
import { sectionsOf, surveyCalls } from '../simulate/survey.js';

/** All facts about filters: each program, and their common answer to every call of the architectures they know. */
export function inspectFilter(filters: readonly Simulator[], origin: FilterOrigin, machine: string): InspectedFilter {
  const compared = sectionsOfAll(filters);
  // A filter that compares the architecture with none of the known ones treats the machine's calls as all others.
  const sections = filters.length > 0 && compared.length === 0 ? [knownArchitecture(machine)] : compared;
  const surveys = filters.map((filter) =>
    surveyCalls(
      filter,
      sections.map(({ name }) => name),
    ),
  );
  const calls = stackedVerdicts(filters, surveys);
  return {
    origin,
    machine,
    programs: filters.map((filter) => programFacts(filter, machine)),
    counts: countCalls(calls),
    calls,
  };
}

function sectionsOfAll(filters: readonly Simulator[]): readonly KnownArchitecture[] {
  const byName = new Map(filters.flatMap(sectionsOf).map((architecture) => [architecture.name, architecture]));
  return [...byName.values()];
}

/** Length, hash, depth, sections, and the stub that a runtime put before it. */
function programFacts(filter: Simulator, machine: string): ProgramFacts {
  const { instructions, order } = filter;
  const own = sectionsOf(filter);
  const stub = stubOf(instructions);
  return {
    ...filterFacts(encodeFilter(instructions, order)),
    order,
    ...depthOf(instructions),
    sections: (own.length === 0 ? [knownArchitecture(machine)] : own).map((architecture) =>
      sectionFacts(instructions, architecture),
    ),
    architectures: architectureFacts(filter),
    ...(stub === undefined ? {} : { stub }),
  };
}

/** How many calls of each architecture are allowed, allowed with some arguments, logged, denied and how, cacheable. */
export function countCalls(calls: readonly CallVerdict[]): readonly CallCounts[] {
  return [...new Set(calls.map(({ arch }) => arch))].map((arch) => {
    const own = calls.filter((call) => call.arch === arch);
    const kinds = own.map(callKind);
    const denials = own.map(denialOf);
    const count = (kind: CallKind): number => kinds.filter((one) => one === kind).length;
    const denied = (denial: Denial): number => denials.filter((one) => one === denial).length;
    return {
      arch,
      calls: own.length,
      allowed: count('allowed'),
      conditional: count('conditional'),
      logged: count('logged'),
      returnsZero: count('returnsZero'),
      denied: count('denied'),
      denials: {
        killed: denied('killed'),
        errno: denied('errno'),
        trapped: denied('trapped'),
        traced: denied('traced'),
        notified: denied('notified'),
        mixed: denied('mixed'),
      },
      cacheable: own.filter(({ cacheable }) => cacheable).length,
    };
  });
}
