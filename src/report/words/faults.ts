import type { KnownFault, LibseccompFacts } from '../../model/filter/faults.js';

/**
 * What is known of the libseccomp that builds filters here, one line for each fault that can be in this filter and one
 * for all others. `isLoaded`: a runtime has built the filter, perhaps with a libseccomp of its own.
 */
export function faultLines({ version, affecting, others }: LibseccompFacts, isLoaded: boolean): readonly string[] {
  const whose = isLoaded
    ? `libseccomp ${version} of this machine (the runtime may bring its own)`
    : `libseccomp ${version}`;
  return [
    ...affecting.map((fault) => `${whose}: ${faultText(fault)}. This filter has such rules.`),
    ...(others.length === 0
      ? []
      : [`${whose}: known faults that cannot be in this filter: ${others.map(({ id }) => id).join(', ')}`]),
    ...(affecting.length + others.length === 0 ? [`${whose}: no known faults`] : []),
  ];
}

/** `overlapping 64-bit comparisons can be merged wrongly (GHSA-4q85-33p6-j5g6, fixed in 2.6.1)`. */
export const faultText = ({ id, what, fixedIn }: KnownFault): string => `${what} (${id}, fixed in ${fixedIn})`;
