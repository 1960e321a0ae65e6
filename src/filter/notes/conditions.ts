import type { Note, NoteCode } from '../../model/filter/notes.js';
import { argumentKind } from './signatures.js';
import type { Stated, StatedCondition, StatedName, StatedRule } from './stated.js';
import { answerText, listed } from './texts.js';
import { belowWord, holdsAlways, holdsNever, valuesOf } from './values.js';
import type { Values } from './values.js';
import { ownValue } from '../../model/own-value.js';

const WORD = 0xffffffffn;
/** libseccomp gives these a 32-bit argument: of a comparison it builds the lower half only (checked on 2.5.4). */
const NARROW: ReadonlySet<string> = new Set(
  [
    'X86',
    'X32',
    'ARM',
    'MIPS',
    'MIPSEL',
    'MIPS64N32',
    'MIPSEL64N32',
    'PPC',
    'PARISC',
    'S390',
    'M68K',
    'SH',
    'SHEB',
  ].map((name) => `SCMP_ARCH_${name}`),
);

/** Comparisons that do not do what they seem to. Rules with the default action have none: runtimes leave them out. */
export function oddConditions(stated: Stated): readonly Note[] {
  return stated.rules
    .filter(({ word }) => word !== stated.defaultWord)
    .flatMap((rule) => [
      ...repeatedArguments(rule, stated),
      ...rule.conditions.flatMap((condition) => notesOfCondition(condition, rule, stated)),
    ]);
}

/** runc and crun make one rule of each comparison then: any of them is enough. */
function repeatedArguments(rule: StatedRule, { file, form }: Stated): readonly Note[] {
  if (form !== 'oci') return [];
  const repeated = rule.conditions.find(
    ({ index }, place) => rule.conditions.findIndex((other) => other.index === index) < place,
  );
  if (repeated === undefined) return [];
  return [
    {
      code: 'any-comparison',
      kind: 'security',
      file,
      path: repeated.path,
      subject: subjectOf(rule.names),
      detail: {
        argument: repeated.index,
        comparisons: rule.conditions.length,
        action: answerText(rule.word, rule.action),
      },
    },
  ];
}

function notesOfCondition(condition: StatedCondition, rule: StatedRule, stated: Stated): readonly Note[] {
  const values = valuesOf(condition);
  if (values === undefined) return [];
  const note = (code: NoteCode, kind: Note['kind'], detail: Note['detail'] = {}, names = rule.names): Note => ({
    code,
    kind,
    file: stated.file,
    path: condition.path,
    subject: subjectOf(names),
    detail: { argument: condition.index, action: answerText(rule.word, rule.action), ...detail },
  });
  if (condition.op === 'SCMP_CMP_MASKED_EQ' && condition.value === 0n) return [note('zero-mask', 'security')];
  if (holdsNever(values)) return [note('never-holds', 'useless', comparison(condition))];
  if (holdsAlways(values)) return [note('always-holds', 'security', comparison(condition))];
  return [
    ...outsideMask(condition).map((detail) => note('value-outside-mask', 'security', detail)),
    ...pointerNames(condition, rule).map((names) =>
      note('pointer-condition', 'security', comparison(condition), names),
    ),
    ...beyondWord(condition, values, rule, stated).map(({ names, detail }) =>
      note('beyond-32-bits', 'security', { ...comparison(condition), ...detail }, names),
    ),
  ];
}

const subjectOf = (names: readonly StatedName[]): string => listed(names.map(({ name }) => name));

/** `>= 0`: the comparison as a person writes it. */
function comparison({ op, value, valueTwo }: StatedCondition): { readonly comparison: string } {
  if (op === 'SCMP_CMP_MASKED_EQ') return { comparison: `& ${hex(value)} == ${hex(valueTwo)}` };
  return { comparison: `${ownValue(SIGNS, op) ?? op} ${value < 10n ? value.toString() : hex(value)}` };
}

const SIGNS: Readonly<Record<string, string>> = {
  SCMP_CMP_EQ: '==',
  SCMP_CMP_NE: '!=',
  SCMP_CMP_LT: '<',
  SCMP_CMP_LE: '<=',
  SCMP_CMP_GE: '>=',
  SCMP_CMP_GT: '>',
};

const hex = (value: bigint): string => `0x${value.toString(16)}`;

function outsideMask({ op, value: mask, valueTwo: value }: StatedCondition): readonly Note['detail'][] {
  if (op !== 'SCMP_CMP_MASKED_EQ' || (value & mask) === value) return [];
  return [{ mask: hex(mask), value: hex(value), kept: hex(value & mask) }];
}

/** Calls for which the argument is a pointer; a test for 0 asks whether there is one, and can. */
function pointerNames({ index, op, value }: StatedCondition, { names }: StatedRule): readonly StatedName[][] {
  const isNullTest =
    ((op === 'SCMP_CMP_EQ' || op === 'SCMP_CMP_NE' || op === 'SCMP_CMP_GT') && value === 0n) ||
    (op === 'SCMP_CMP_MASKED_EQ' && value === 2n ** 64n - 1n) ||
    ((op === 'SCMP_CMP_GE' || op === 'SCMP_CMP_LT') && value === 1n);
  const pointers = names.filter(({ name }) => argumentKind(name, index) === 'pointer');
  return isNullTest || pointers.length === 0 ? [] : [pointers];
}

interface Beyond {
  readonly names: readonly StatedName[];
  readonly detail: Note['detail'];
}

/** A comparison with more than 32 bits, of an argument that has 32 or on an architecture that has. */
function beyondWord(
  condition: StatedCondition,
  values: Values,
  { names }: StatedRule,
  { architectures, form }: Stated,
): readonly Beyond[] {
  const numbers = condition.op === 'SCMP_CMP_MASKED_EQ' ? [condition.valueTwo & condition.value] : [condition.value];
  if (numbers.every((number) => number <= WORD)) return [];
  const narrow = names.filter(({ name }) => argumentKind(name, condition.index) === 'narrow');
  const outcome = belowWord(values);
  if (narrow.length > 0 && outcome !== 'some') {
    const kept = hex((numbers[0] ?? 0n) & WORD);
    return [{ names: narrow, detail: { where: 'argument', outcome, kept } }];
  }
  const short = form === 'oci' ? architectures.filter((name) => NARROW.has(name)) : [];
  if (short.length === 0) return [];
  const kept = hex((numbers[0] ?? 0n) & WORD);
  return [
    { names, detail: { where: short.map((name) => name.replace('SCMP_ARCH_', '').toLowerCase()).join(', '), kept } },
  ];
}
