import { invalidValue, type BenchError } from '../errors.js';
import { isDisabled, type Profile, type ProfileRule } from '../model/profile/profile.js';
import type { Dialect } from '../model/profile/seccomp.js';

/** Actions of the OCI runtime specification 1.2. */
const ACTIONS = [
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_LOG',
  'SCMP_ACT_NOTIFY',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_TRAP',
];

/** Operators of the OCI runtime specification 1.2. */
const OPERATORS = [
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
  'SCMP_CMP_MASKED_EQ',
];

/** Architectures of that specification and of libseccomp 2.6, and SCMP_ARCH_RISCV of iSulad's default profile. */
const ARCHITECTURES = [
  'X86',
  'X86_64',
  'X32',
  'ARM',
  'AARCH64',
  'MIPS',
  'MIPS64',
  'MIPS64N32',
  'MIPSEL',
  'MIPSEL64',
  'MIPSEL64N32',
  'PPC',
  'PPC64',
  'PPC64LE',
  'S390',
  'S390X',
  'PARISC',
  'PARISC64',
  'RISCV64',
  'LOONGARCH64',
  'M68K',
  'SH',
  'SHEB',
  'RISCV',
].map((name) => `SCMP_ARCH_${name}`);

const KNOWN_ACTIONS = new Set(ACTIONS);
const KNOWN_OPERATORS = new Set(OPERATORS);
const KNOWN_ARCHITECTURES = new Set(ARCHITECTURES);

/** A system call has six arguments. */
const LAST_ARGUMENT = 5;

/**
 * Refuses what moby passes on to the runtime although no runtime can load it: unknown actions, operators and
 * architectures, argument indexes above 5. iSulad ignores the list `architectures`, and entries of `archMap` without
 * one. `base` is the path of the profile in its file, with a dot at the end. Throws `input` with file and JSON path.
 */
export function checkStrictly(profile: Profile, dialect: Dialect = 'moby', base = ''): void {
  if (dialect !== 'isulad')
    profile.architectures.forEach((name, index) => {
      checkArchitecture(profile, `${base}architectures[${index}]`, name);
    });
  profile.archMap.forEach((entry, index) => {
    if (dialect === 'isulad' && entry.architecture === null) return;
    checkArchitecture(profile, `${base}archMap[${index}].architecture`, entry.architecture);
    entry.subArchitectures.forEach((name, sub) => {
      checkArchitecture(profile, `${base}archMap[${index}].subArchitectures[${sub}]`, name);
    });
  });
  if (dialect !== 'isulad' && isDisabled(profile)) return;
  if (profile.defaultAction === null || !KNOWN_ACTIONS.has(profile.defaultAction)) {
    throw unknown(profile, `${base}defaultAction`, `one of ${ACTIONS.join(', ')}`, profile.defaultAction);
  }
  profile.syscalls.forEach((rule, index) => {
    checkRule(profile, rule, `${base}syscalls[${index}]`);
  });
}

function checkRule(profile: Profile, rule: ProfileRule, path: string): void {
  if (rule.action === null || !KNOWN_ACTIONS.has(rule.action)) {
    throw unknown(profile, `${path}.action`, `one of ${ACTIONS.join(', ')}`, rule.action);
  }
  rule.args.forEach((arg, index) => {
    const argPath = `${path}.args[${index}]`;
    if (arg.index > LAST_ARGUMENT)
      throw unknown(profile, `${argPath}.index`, 'an argument index from 0 to 5', arg.index);
    if (arg.op === null || !KNOWN_OPERATORS.has(arg.op)) {
      throw unknown(profile, `${argPath}.op`, `one of ${OPERATORS.join(', ')}`, arg.op);
    }
  });
}

function checkArchitecture(profile: Profile, path: string, name: string | null): void {
  if (name !== null && KNOWN_ARCHITECTURES.has(name)) return;
  throw unknown(profile, path, 'an architecture like SCMP_ARCH_X86_64', name);
}

function unknown(profile: Profile, path: string, expected: string, got: string | number | bigint | null): BenchError {
  const shown = got === null ? 'nothing' : typeof got === 'string' ? JSON.stringify(got) : got.toString();
  return invalidValue(`${profile.fileName}: ${path}`, expected, shown, {
    code: 'input',
    hint: 'No runtime can load this. --lenient accepts it, as moby does.',
  });
}
