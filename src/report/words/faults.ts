import { fixWords } from '../../model/filter/faults.js';
import type { KnownFault, LibseccompFacts } from '../../model/filter/faults.js';

/** What the reader of a line about faults has in front of him. */
export interface FaultsTold {
  /** A runtime has built the filter, perhaps with a libseccomp of its own. */
  readonly isLoaded: boolean;
  /** The same output tells whether the filter answers as its rules say. */
  readonly isVerified: boolean;
}

/**
 * What is known of the libseccomp that builds filters here: one line for each fault that can be in this filter and one
 * for all others.
 */
export function faultLines(facts: LibseccompFacts, { isLoaded, isVerified }: FaultsTold): readonly string[] {
  const { version, runtime, affecting, others } = facts;
  const own =
    runtime !== undefined ? ` of ${runtime}` : isLoaded ? ' of this machine (the runtime may bring its own)' : '';
  const whose = `libseccomp ${version}${own}`;
  const advice = isVerified ? '' : '; bench verify checks it';
  return [
    ...affecting.map((fault) => `${whose} can build a filter with such rules wrong: ${faultText(fault)}${advice}`),
    ...(others.length === 0
      ? []
      : [`${whose}, known faults that cannot be in this filter: ${others.map(({ id }) => id).join(', ')}`]),
    ...(affecting.length + others.length === 0 ? [`${whose}: no faults known`] : []),
  ];
}

/** `overlapping 64-bit comparisons can be merged wrongly (GHSA-4q85-33p6-j5g6, not known to be fixed)`. */
const faultText = ({ id, what, fixedIn }: KnownFault): string => `${what} (${id}, ${fixWords(fixedIn)})`;
