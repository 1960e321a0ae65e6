import { invalidValue } from '../../errors.js';

/** Flags of seccomp(2) for filters without a listener. */
const LOADABLE: ReadonlyMap<string, number> = new Map([
  ['SECCOMP_FILTER_FLAG_TSYNC', 1],
  ['SECCOMP_FILTER_FLAG_LOG', 2],
  ['SECCOMP_FILTER_FLAG_SPEC_ALLOW', 4],
]);

/** The flags for seccomp(2) as one number. Throws `input` for a flag that requires a listener or is unknown. */
export function flagsWord(flags: readonly string[]): number {
  return flags.reduce((word, flag) => word | bitOf(flag), 0);
}

function bitOf(flag: string): number {
  const bit = LOADABLE.get(flag);
  if (bit === undefined) {
    throw invalidValue('linux.seccomp.flags', [...LOADABLE.keys()].join(', '), JSON.stringify(flag), {
      code: 'input',
      hint: 'The built-in engine has no listener. An OCI runtime (--engine runc) may load this spec.',
    });
  }
  return bit;
}
