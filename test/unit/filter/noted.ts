import { buildFilter, notesOfSpec, Simulator } from '../../../src/filter/index.js';
import type { Note, NoteCode } from '../../../src/model/filter/notes.js';
import type { SeccompArg, SeccompRule, SeccompSpec } from '../../../src/model/profile/seccomp.js';

export const ALLOW = 'SCMP_ACT_ALLOW';
export const ERRNO = 'SCMP_ACT_ERRNO';
const X86_64 = 0xc000003e;
export const ALL = 2n ** 64n - 1n;
export const NEEDED = { names: ['execve', 'exit', 'exit_group'], action: ALLOW };
export const TARGET = { machine: 'x86_64', kernel: '6.1.0' };

export const arg = (op: string, value: number | bigint, valueTwo: number | bigint = 0, index = 0): SeccompArg => ({
  index,
  op: `SCMP_CMP_${op}`,
  value,
  ...(valueTwo === 0 ? {} : { valueTwo }),
});
export const rule = (names: string[], args: SeccompArg[] = [], action = ALLOW, errnoRet?: number): SeccompRule => ({
  names,
  action,
  ...(errnoRet === undefined ? {} : { errnoRet }),
  ...(args.length === 0 ? {} : { args }),
});
export const allowList = (...rules: SeccompRule[]): SeccompSpec => ({
  defaultAction: ERRNO,
  architectures: ['SCMP_ARCH_X86_64'],
  syscalls: [NEEDED, ...rules],
});
export const denyList = (...rules: SeccompRule[]): SeccompSpec => ({
  defaultAction: ALLOW,
  architectures: ['SCMP_ARCH_X86_64'],
  syscalls: rules,
});
export const notes = (
  spec: SeccompSpec,
  target: Partial<typeof TARGET & { listens: () => boolean }> = {},
): readonly Note[] => notesOfSpec(spec, { file: 'p.json' }, { ...TARGET, ...target });
export const codes = (spec: SeccompSpec): readonly NoteCode[] => notes(spec).map(({ code }) => code);
export const first = (spec: SeccompSpec): Note => notes(spec)[0]!;

/** What libseccomp's filter answers, for the statements that notes make about it. */
export const answer = (spec: SeccompSpec, nr: number, value: bigint): number =>
  new Simulator(buildFilter(spec, 'x86_64').program).execute({ arch: X86_64, nr, args: [value] }).value;
export const PERSONALITY = 135;
export const ALLOWED = 0x7fff0000;
