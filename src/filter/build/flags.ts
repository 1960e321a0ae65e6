import { BenchError } from '../../errors.js';

/** Flags of seccomp(2) that a filter without a listener may be loaded with. */
const LOADABLE: ReadonlyMap<string, number> = new Map([
  ['SECCOMP_FILTER_FLAG_TSYNC', 1],
  ['SECCOMP_FILTER_FLAG_LOG', 2],
  ['SECCOMP_FILTER_FLAG_SPEC_ALLOW', 4],
]);

/**
 * The flags word that the loader hands to seccomp(2). Throws `input` for a flag that needs a listener or that nobody
 * knows.
 */
export function flagsWord(flags: readonly string[]): number {
  return flags.reduce((word, flag) => word | bitOf(flag), 0);
}

function bitOf(flag: string): number {
  const bit = LOADABLE.get(flag);
  if (bit === undefined) {
    throw new BenchError(
      'input',
      `linux.seccomp.flags: expected some of ${[...LOADABLE.keys()].join(', ')}, got ${JSON.stringify(flag)}`,
      {
        hint: 'The built-in engine has no listener; an OCI runtime (--engine runc) may load this spec.',
      },
    );
  }
  return bit;
}
