import type { Note } from '../../model/filter/notes.js';
import { counted } from '../text/format.js';
import { ownValue } from '../../model/own-value.js';
import { plainLine } from '../../model/plain-text.js';

type Detail = Readonly<Record<string, string | number>>;
type Words = (subject: string, detail: Detail) => string;

/** What a note of `notesOf` says, in one or two sentences, without its place in the file. */
export const noteSentence = ({ code, subject, detail = {} }: Note): string =>
  plainLine(SENTENCES[code](subject, detail));

/** `deny.json: syscalls[0].names[1]: "kexec_fileload" is not a system call; ...`, on one line. */
export const noteLine = (note: Note): string => `${notePlace(note)}: ${noteSentence(note)}`;

/** `deny.json: syscalls[0].names[1]`. */
export const notePlace = ({ file, path }: Note): string => plainLine(path === null ? file : `${file}: ${path}`);

/** A note with its sentence, as JSON output has it. */
export interface NoteWithSentence extends Note {
  readonly sentence: string;
}

export const notesWithSentences = (notes: readonly Note[]): readonly NoteWithSentence[] =>
  notes.map((note) => ({ ...note, sentence: noteSentence(note) }));

/** A detail of a note; its absence is a mistake of the code that made the note. */
function of(detail: Detail, name: string): string {
  const value = detail[name];
  if (value === undefined) throw new RangeError(`a note without its ${name}`);
  return String(value);
}

const SENTENCES: Readonly<Record<Note['code'], Words>> = {
  'unknown-name': unknownName,
  'newer-name': (subject, detail) =>
    `${subject}: too new for libseccomp ${of(detail, 'libseccomp')}. A runtime with that version skips the rule, so \
the call stays open (${of(detail, 'answer')}).`,
  'dead-rule': deadRule,
  'zero-mask': (subject, detail) => `${argumentOf(subject, detail)} is compared under a mask of 0, which always holds.`,
  'value-outside-mask': (subject, detail) =>
    `${argumentOf(subject, detail)}: the value ${of(detail, 'value')} has bits outside the mask ${of(detail, 'mask')}. \
libseccomp drops them and compares with ${of(detail, 'kept')}.`,
  'never-holds': (subject, detail) =>
    `${argumentOf(subject, detail)} ${of(detail, 'comparison')} never holds, so the rule has no effect.`,
  'always-holds': (subject, detail) => `${argumentOf(subject, detail)} ${of(detail, 'comparison')} always holds.`,
  'any-comparison': (subject, detail) =>
    `${argumentOf(subject, detail)} is compared more than once. runc and crun split such a rule: any one of its \
${of(detail, 'comparisons')} comparisons is enough for ${of(detail, 'action')}.`,
  'beyond-32-bits': beyondWord,
  'pointer-condition': pointerCondition,
  'no-names': () => 'the rule names no system call, so it has no effect.',
  'equals-default': equalsDefault,
  'errno-zero': (subject, { scope }) =>
    scope === 'default'
      ? 'the default action is ERRNO(0): a call without a rule returns 0 and does nothing.'
      : `${subject}: ERRNO(0) returns 0 and does nothing, so the program takes the call for a success.`,
  'errno-cut': errnoCut,
  'notify-without-listener': notify,
  'log-not-cached': (subject, { scope }) =>
    `${scope === 'default' ? 'the default action is LOG' : `${subject}: the action is LOG`}. The kernel's bitmap never \
holds such a call, and each one may write to the audit log.`,
  'trace-without-tracer': (subject, { scope }) =>
    `${scope === 'default' ? 'the default action is TRACE' : `${subject}: the action is TRACE`}. Without a tracer the \
call fails with ENOSYS.`,
  'cannot-end': (subject, detail) =>
    `${subject}: not allowed (${of(detail, 'answer')}), so ${ownValue(CANNOT_END, subject) ?? 'nothing can end'}.`,
  'cannot-start': (subject, detail) =>
    `${subject}: not allowed (${of(detail, 'answer')}), so a container cannot start its program.`,
  'unsupported-flag': (subject, detail) =>
    detail['why'] === 'unknown'
      ? `${subject} is not a flag of seccomp(2). Runtimes refuse it.`
      : tooOld(subject, detail),
  'unsupported-action': (subject, detail) =>
    detail['why'] === 'unknown' ? `${subject} is not an action. Runtimes refuse it.` : tooOld(subject, detail),
  'ignored-key': (_subject, detail) => {
    const more = Number(of(detail, 'more'));
    const where = more === 0 ? '' : ` here and in ${counted(more, 'other place')}`;
    return `ignored${where}: ${of(detail, 'reason')}.`;
  },
};

const CANNOT_END: Readonly<Record<string, string>> = {
  exit: 'a thread cannot end alone',
  exit_group: 'a program cannot end the way C libraries end it',
  'exit, exit_group': 'no program can end',
};

const argumentOf = (subject: string, detail: Detail): string => `${subject}: argument ${of(detail, 'argument')}`;

const tooOld = (subject: string, detail: Detail): string =>
  `${subject} requires Linux ${of(detail, 'since')} or newer, and this is ${of(detail, 'kernel')}.`;

function unknownName(subject: string, detail: Detail): string {
  const { meant, written, open } = detail;
  const answer = of(detail, 'answer');
  const result =
    open === undefined ? `so the call gets the default action, ${answer}` : `so the call stays open (${answer})`;
  if (written === 'number') {
    const name = meant === undefined ? '' : ` (${of(detail, 'machine')}: ${meant})`;
    return `"${subject}" is a number${name}, and runtimes take names only. They skip it, ${result}.`;
  }
  const guess = meant === undefined ? '.' : `; did you mean ${meant}?`;
  return `"${subject}" is not a system call that libseccomp ${of(detail, 'libseccomp')} knows${guess} \
Runtimes skip the name, ${result}.`;
}

function deadRule(subject: string, detail: Detail): string {
  const [winner, action, other] = [of(detail, 'winner'), of(detail, 'action'), of(detail, 'winnerAction')];
  switch (of(detail, 'reason')) {
    case 'by number':
      return `${subject}: ${winner} answers ${other} for all arguments, so this rule and its comparisons have no \
effect.`;
    case 'repeated':
      return action === other
        ? `${subject}: ${winner} already says ${other}.`
        : `${subject}: ${winner} answers ${other} and comes first, so ${action} has no effect here.`;
    default:
      return `${subject}: ${winner} answers ${other} for all calls that this rule matches, so it has no effect.`;
  }
}

function beyondWord(subject: string, detail: Detail): string {
  const [where, kept] = [of(detail, 'where'), of(detail, 'kept')];
  const comparison = `${argumentOf(subject, detail)} ${of(detail, 'comparison')}`;
  if (where !== 'argument')
    return `${comparison}: on ${where} libseccomp compares the lower 32 bits only, with ${kept}.`;
  return `${comparison}: the kernel reads 32 bits of this argument, and for a value of 32 bits, such as ${kept}, this \
${detail['outcome'] === 'never' ? 'never' : 'always'} holds.`;
}

function pointerCondition(subject: string, detail: Detail): string {
  const comparison = of(detail, 'comparison');
  const chance = comparison.startsWith('!=')
    ? `${comparison} holds for nearly every call`
    : comparison.startsWith('==')
      ? `${comparison} holds for nearly no call`
      : `${comparison} says nothing about the data`;
  return `${argumentOf(subject, detail)} is a pointer. A filter sees the address only, so ${chance}.`;
}

function equalsDefault(subject: string, detail: Detail): string {
  const skipped = `${subject}: ${of(detail, 'action')} is the default action, so runtimes skip the rule`;
  return detail['other'] === undefined ? `${skipped}.` : `${skipped}, and ${detail['other']} lets the call run.`;
}

function errnoCut(subject: string, detail: Detail): string {
  const [given, kept, name] = [of(detail, 'given'), of(detail, 'kept'), of(detail, 'name')];
  const cut = `runtimes keep 16 bits of errno ${given}, which gives ${name === kept ? kept : `${kept} (${name})`}`;
  const parts = [
    ...(given === kept ? [] : [cut]),
    ...(detail['most'] === undefined ? [] : [`libseccomp refuses an errno above ${detail['most']}`]),
    ...(detail['crun'] === undefined ? [] : ['crun refuses numbers of more than 32 bits']),
  ];
  return `${subject}: ${parts.join('; ')}.`;
}

function notify(subject: string, { scope, listener }: Detail): string {
  const action = scope === 'default' ? 'the default action is NOTIFY' : `${subject}: the action is NOTIFY`;
  return listener === undefined
    ? `${action}, and there is no listenerPath. runc refuses this; without a listener the call fails with ENOSYS.`
    : `${action}, and nobody listens at ${listener}. No container can start.`;
}
