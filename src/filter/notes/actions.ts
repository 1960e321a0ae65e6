import { errnoText, MOST_BUILT_ERRNO } from '../../model/filter/errno.js';
import type { Note, NoteCode } from '../../model/filter/notes.js';
import { RETURN } from '../simulate/actions.js';
import type { Stated, StatedRule } from './stated.js';
import { answerText, listed, passes, upper } from './texts.js';

const MOST_DATA = 0xffffn;
const MOST_UINT32 = 0xffffffffn;

/** Anything that has an action: the default, or a rule. */
interface Acting {
  readonly rule: StatedRule | null;
  readonly subject: string;
  readonly action: string;
  readonly word: number | undefined;
  readonly errnoRet: StatedRule['errnoRet'];
  readonly path: string;
  readonly errnoPath: string;
}

/** Actions that do not do what they seem to, or that need a partner. */
export function oddActions(stated: Stated, listens: (socket: string) => boolean): readonly Note[] {
  const all = actingOf(stated);
  const used = all.filter(({ rule, word }) => rule === null || word !== stated.defaultWord);
  return [
    ...used.flatMap((acting) => [
      ...zeroErrno(acting, stated),
      ...cutErrno(acting, stated),
      ...unknownAction(acting, stated),
    ]),
    ...together('log-not-cached', 'cost', RETURN.LOG, used, stated),
    ...together('trace-without-tracer', 'broken', RETURN.TRACE, used, stated),
    ...notified(used, stated, listens),
    ...all.flatMap((acting) => equalsDefault(acting, stated)),
  ];
}

function actingOf({ rules, ...stated }: Stated): readonly Acting[] {
  return [
    {
      rule: null,
      subject: 'the default action',
      action: stated.defaultAction,
      word: stated.defaultWord,
      errnoRet: stated.defaultErrnoRet,
      path: stated.defaultPath,
      errnoPath: stated.defaultErrnoPath,
    },
    ...rules
      .filter(({ names }) => names.length > 0)
      .map((rule): Acting => ({
        rule,
        subject: listed(rule.names.map(({ name }) => name)),
        action: rule.action,
        word: rule.word,
        errnoRet: rule.errnoRet,
        path: rule.path,
        errnoPath: rule.errnoPath,
      })),
  ];
}

const scopeOf = ({ rule }: Acting): 'default' | 'rule' => (rule === null ? 'default' : 'rule');

function zeroErrno(acting: Acting, { file }: Stated): readonly Note[] {
  if (acting.word !== RETURN.ERRNO) return [];
  const { subject, errnoPath: path } = acting;
  return [{ code: 'errno-zero', kind: 'broken', file, path, subject, detail: { scope: scopeOf(acting) } }];
}

/** Runtimes keep 16 bits, of which libseccomp refuses the largest numbers. */
function cutErrno({ word, errnoRet, errnoPath: path, subject }: Acting, { file }: Stated): readonly Note[] {
  const isErrno = word !== undefined && upper(word) === RETURN.ERRNO;
  if (!isErrno || errnoRet === undefined || errnoRet <= MOST_BUILT_ERRNO) return [];
  const kept = Number(BigInt(errnoRet) & MOST_DATA);
  return [
    {
      code: 'errno-cut',
      kind: 'broken',
      file,
      path,
      subject,
      detail: {
        given: errnoRet.toString(),
        kept,
        name: errnoText(kept),
        ...(kept > MOST_BUILT_ERRNO ? { most: MOST_BUILT_ERRNO } : {}),
        ...(BigInt(errnoRet) > MOST_UINT32 ? { crun: 'refuses' } : {}),
      },
    },
  ];
}

function unknownAction({ word, action, path }: Acting, { file }: Stated): readonly Note[] {
  if (word !== undefined) return [];
  return [{ code: 'unsupported-action', kind: 'broken', file, path, subject: action, detail: { why: 'unknown' } }];
}

/** One note for all rules with an action. */
function together(
  code: NoteCode,
  kind: Note['kind'],
  action: number,
  used: readonly Acting[],
  { file }: Stated,
): readonly Note[] {
  const own = used.filter(({ word }) => word !== undefined && upper(word) === action);
  return own.map((acting) => ({
    code,
    kind,
    file,
    path: acting.path,
    subject: acting.subject,
    detail: { scope: scopeOf(acting) },
  }));
}

/** LXC has its listener in another file. */
function notified(used: readonly Acting[], stated: Stated, listens: (socket: string) => boolean): readonly Note[] {
  const { listenerPath } = stated;
  if (listenerPath === null || (listenerPath !== '' && listens(listenerPath))) return [];
  return together('notify-without-listener', 'broken', RETURN.USER_NOTIF, used, stated).map((note) => ({
    ...note,
    detail: { ...note.detail, ...(listenerPath === '' ? {} : { listener: listenerPath }) },
  }));
}

/** Where another rule lets the call run, one that should close it is lost. */
function equalsDefault(
  { rule, word, action, subject, path }: Acting,
  { file, rules, ...stated }: Stated,
): readonly Note[] {
  if (rule === null || word === undefined || word !== stated.defaultWord) return [];
  const other = passes(word)
    ? undefined
    : rules.find(
        (one) =>
          passes(one.word) &&
          one.section === rule.section &&
          one.names.some(({ name }) => rule.names.some((own) => own.name === name)),
      );
  return [
    {
      code: 'equals-default',
      kind: other === undefined ? 'useless' : 'security',
      file,
      path,
      subject,
      detail: { action: answerText(word, action), ...(other === undefined ? {} : { other: other.path }) },
    },
  ];
}
