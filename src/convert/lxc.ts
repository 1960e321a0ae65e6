import { invalidValue } from '../errors.js';
import type { LeftOut, SeccompRule, SeccompSpec, Uint64 } from '../model/profile/seccomp.js';
import type { LxcWriter, WrittenFile } from '../model/container/written.js';
import { ownValue } from '../model/own-value.js';

/** lcr's names of actions; errno and trace always have the value 1. Source: seccomp_trans_action in lcr's conf.c. */
const ACTIONS: Readonly<Record<string, string>> = {
  SCMP_ACT_KILL: 'kill',
  SCMP_ACT_TRAP: 'trap',
  SCMP_ACT_ALLOW: 'allow',
  SCMP_ACT_TRACE: 'trace 1',
  SCMP_ACT_ERRNO: 'errno 1',
};

/** Source: seccomp_trans_arch in the same file. */
const SECTIONS: Readonly<Record<string, string>> = {
  SCMP_ARCH_X86: 'x86',
  SCMP_ARCH_X86_64: 'x86_64',
  SCMP_ARCH_X32: 'x32',
  SCMP_ARCH_ARM: 'arm',
  SCMP_ARCH_AARCH64: 'arm64',
  SCMP_ARCH_MIPS: 'mips',
  SCMP_ARCH_MIPS64: 'mips64',
  SCMP_ARCH_MIPS64N32: 'mips64n32',
  SCMP_ARCH_MIPSEL: 'mipsel',
  SCMP_ARCH_MIPSEL64: 'mipsel64',
  SCMP_ARCH_MIPSEL64N32: 'mipsel64n32',
  SCMP_ARCH_PPC: 'ppc',
  SCMP_ARCH_PPC64: 'ppc64',
  SCMP_ARCH_PPC64LE: 'ppc64le',
  SCMP_ARCH_S390: 's390',
  SCMP_ARCH_S390X: 's390x',
  SCMP_ARCH_PARISC: 'parisc',
  SCMP_ARCH_PARISC64: 'parisc64',
  SCMP_ARCH_ALL: 'all',
};

/** lcr's names of the hosts that bench runs on, by `uname -m`. */
const HOSTS: Readonly<Record<string, string>> = { x86_64: 'x86_64', aarch64: 'arm64' };

/** LXC 5.0.2 fails at these, where it skips other foreign architectures. */
const REFUSED_SECTIONS: ReadonlySet<string> = new Set(['parisc', 'parisc64']);
const REFUSED_ACTION = 'trace 1';
const WRITTEN_ERRNO = 1;

/** The writer for a host, by `uname -m`. */
export const lxcWriter = (machine: string): LxcWriter => ({
  text: (spec) => textFor(spec, machine),
  describe: (spec) => lxcSeccompFile(spec, machine),
});

/**
 * A spec as LXC seccomp file version 2, as lcr writes it: version, policy, then all rules for every architecture, one
 * call per line. An architecture that lcr has no name for becomes another section of the host. What LXC cannot load is
 * left out. Throws `input` for an action that lcr does not know.
 */
function lxcSeccompFile(spec: SeccompSpec, machine: string): WrittenFile {
  const text = textFor(spec, machine);
  return {
    text,
    bytes: Buffer.byteLength(text),
    lines: text.split('\n').length - 1,
    sections: sectionsOf(spec, machine).length,
    leftOut: [...leftOutSections(spec, machine), ...leftOutRules(spec), ...leftOutErrnos(spec), ...leftOutFields(spec)],
  };
}

/** Makes every section from the rules again, as lcr does: that work is part of what is measured. */
function textFor(spec: SeccompSpec, machine: string): string {
  const standard = defaultOf(spec);
  let text = `2\n${standard === 'allow' ? 'blacklist' : 'whitelist'} ${standard}\n`;
  // Without a list of architectures lcr writes the rules once, without a section.
  if ((spec.architectures ?? []).length === 0) return text + rulesText(spec, standard);
  for (const section of sectionsOf(spec, machine)) text += `[${section}]\n${rulesText(spec, standard)}`;
  return text;
}

function defaultOf({ defaultAction }: SeccompSpec): string {
  const action = actionOf(defaultAction, 'defaultAction');
  if (action !== REFUSED_ACTION) return action;
  throw invalidValue('defaultAction', 'an action that LXC can load', defaultAction, {
    code: 'input',
    hint: 'LXC has no action trace: use another engine for this profile.',
  });
}

function actionOf(name: string, path: string): string {
  const action = ownValue(ACTIONS, name);
  if (action !== undefined) return action;
  throw invalidValue(path, `an action that lcr knows (${Object.keys(ACTIONS).join(', ')})`, name, {
    code: 'input',
    hint: 'lcr refuses such a container: use another engine for this profile.',
  });
}

const sectionOf = (architecture: string, machine: string): string =>
  ownValue(SECTIONS, architecture) ?? ownValue(HOSTS, machine) ?? machine;

const sectionsOf = ({ architectures = [] }: SeccompSpec, machine: string): readonly string[] =>
  architectures.map((name) => sectionOf(name, machine)).filter((section) => !REFUSED_SECTIONS.has(section));

function rulesText({ syscalls = [] }: SeccompSpec, standard: string): string {
  let text = '';
  for (const [index, rule] of syscalls.entries()) {
    const action = actionOf(rule.action, `syscalls[${index}].action`);
    if (reasonAgainst(action, standard) !== undefined) continue;
    const conditions = conditionsText(rule);
    for (const name of rule.names) text += `${name} ${action}${conditions}\n`;
  }
  return text;
}

const conditionsText = ({ args = [] }: SeccompRule): string =>
  args.map(({ index, value, op, valueTwo = 0 }) => ` [${index},${value},${op},${valueTwo}]`).join('');

function reasonAgainst(action: string, standard: string): string | undefined {
  if (action === standard)
    return `lcr writes it with the default action (${standard}), and LXC fails at such a rule (EACCES)`;
  return action === REFUSED_ACTION ? 'LXC has no action trace' : undefined;
}

function leftOutSections({ architectures = [] }: SeccompSpec, machine: string): readonly LeftOut[] {
  return architectures.flatMap((what): LeftOut[] => {
    const section = ownValue(SECTIONS, what);
    if (section === undefined)
      return [
        {
          kind: 'architecture',
          what,
          reason: `lcr does not know it and repeats the section ${sectionOf(what, machine)}, which LXC loads again`,
        },
      ];
    return REFUSED_SECTIONS.has(section) ? [{ kind: 'architecture', what, reason: 'LXC fails at its section' }] : [];
  });
}

function leftOutRules(spec: SeccompSpec): readonly LeftOut[] {
  const standard = defaultOf(spec);
  return (spec.syscalls ?? []).flatMap(({ names, action }, index): LeftOut[] => {
    const reason = reasonAgainst(actionOf(action, `syscalls[${index}].action`), standard);
    return reason === undefined ? [] : [{ kind: 'rule', what: names.join(' '), reason }];
  });
}

/** The format has no words for these, and lcr does not read them. */
const leftOutFields = ({ flags = [], listenerPath = '', listenerMetadata = '' }: SeccompSpec): readonly LeftOut[] =>
  [
    ...flags.map((flag) => `flags: ${flag}`),
    ...(listenerPath === '' ? [] : ['listenerPath']),
    ...(listenerMetadata === '' ? [] : ['listenerMetadata']),
  ].map((what) => ({ kind: 'field', what, reason: "LXC's text has no such field" }));

/** lcr writes 1 for every errno. The number of a rule that is left out is not reported again. */
function leftOutErrnos(spec: SeccompSpec): readonly LeftOut[] {
  const standard = defaultOf(spec);
  const isOther = (errno: Uint64 | undefined): boolean => errno !== undefined && Number(errno) !== WRITTEN_ERRNO;
  const rules = (spec.syscalls ?? []).filter(
    ({ action, errnoRet }) => ownValue(ACTIONS, action) === 'errno 1' && standard !== 'errno 1' && isOther(errnoRet),
  );
  const paths = [
    ...(standard === 'errno 1' && isOther(spec.defaultErrnoRet) ? ['defaultErrnoRet'] : []),
    ...rules.map(({ names }) => `errnoRet of ${names.join(' ')}`),
  ];
  return paths.map((what) => ({ kind: 'field', what, reason: 'lcr writes 1 for every errno' }));
}
