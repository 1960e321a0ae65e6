import type { ArchitectureDiff, CallDiff, FilterDiff } from '../../model/filter/diff.js';
import { ARROW, counted, formatCount } from '../text/format.js';
import type { ToldAbi } from './rows.js';

/** About the filters as a whole, one sentence each. */
export function notesOf(diffs: readonly FilterDiff[], abis: readonly ToldAbi[]): readonly string[] {
  return [
    ...unknownAbis(abis),
    ...newerCalls(abis),
    ...new Set(diffs.flatMap(architectureNotes)),
    ...bitmapNotes(diffs),
    ...sizeNotes(diffs),
    ...actionNotes(abis),
  ];
}

/** ABIs in which both sides give one answer to everything, the same one. */
function unknownAbis(architectures: readonly ToldAbi[]): readonly string[] {
  const answers = new Map<string, string[]>();
  for (const { label, uniformBefore, uniformAfter } of architectures)
    if (uniformBefore !== null && uniformBefore === uniformAfter)
      answers.set(uniformBefore, [...(answers.get(uniformBefore) ?? []), label]);
  return [...answers].map(([answer, abis]) => `${abis.join(', ')}: both answer ${answer} to every call.`);
}

/** What a call gets that is newer than the tables. */
function newerCalls(architectures: readonly ToldAbi[]): readonly string[] {
  const own = architectures.filter((one) => one.uniformBefore === null || one.uniformAfter === null);
  const answers = new Map<string, string[]>();
  for (const { label, newer } of own) {
    const text = newer.before === newer.after ? `${newer.before} in both` : `${newer.before} ${ARROW} ${newer.after}`;
    answers.set(text, [...(answers.get(text) ?? []), label]);
  }
  return [...answers].map(
    ([text, abis]) => `A call too new to have a name${answers.size === 1 ? '' : ` (${abis.join(', ')})`}: ${text}.`,
  );
}

function architectureNotes({ before, after, architectures, machine }: FilterDiff): readonly string[] {
  const abis = new Set(architectures.map(({ arch }) => arch));
  if (before.filters === 0 || after.filters === 0)
    return [
      ...(before.filters === 0 ? ['A has no filter.'] : []),
      ...(after.filters === 0 ? ['B has no filter.'] : []),
    ];
  const added = after.architectures.filter((arch) => !before.architectures.includes(arch));
  const removed = before.architectures.filter((arch) => !after.architectures.includes(arch));
  const words = (names: readonly string[]): string =>
    names.map((name) => (abis.has(name) ? name : `${name} (not on ${machine})`)).join(', ');
  return [
    ...(added.length === 0 ? [] : [`Architectures added: ${words(added)}.`]),
    ...(removed.length === 0 ? [] : [`Architectures removed: ${words(removed)}.`]),
  ];
}

const MOST_NAMES = 8;

function bitmapNotes(diffs: readonly FilterDiff[]): readonly string[] {
  // Without a filter there is no bitmap to be in.
  const both = diffs.filter(({ before, after }) => before.filters > 0 && after.filters > 0);
  const names = (test: (call: CallDiff) => boolean): readonly string[] => [
    ...new Set(
      both.flatMap((diff) => diff.architectures.flatMap(({ calls }) => calls.filter(test).map(({ name }) => name))),
    ),
  ];
  const entering = names(({ before, after }) => !before.cached && after.cached);
  const leaving = names(({ before, after }) => before.cached && !after.cached);
  const text = (list: readonly string[]): string =>
    `${list.slice(0, MOST_NAMES).join(', ')}${list.length > MOST_NAMES ? ` and ${list.length - MOST_NAMES} more` : ''}`;
  return [
    ...(leaving.length === 0 ? [] : [`No longer in the kernel's bitmap: ${text(leaving)}.`]),
    ...(entering.length === 0 ? [] : [`Now in the kernel's bitmap: ${text(entering)}.`]),
  ];
}

/** Answers that are neither a plain yes nor a plain no. */
function actionNotes(architectures: readonly ToldAbi[]): readonly string[] {
  const actions = new Set(
    architectures.flatMap(({ calls }) =>
      calls.flatMap(({ changes }) => changes.flatMap(({ before, after }) => [before, after])),
    ),
  );
  const has = (start: string): boolean => [...actions].some((action) => action.startsWith(start));
  return [
    ...(has('TRACE') || has('USER_NOTIF')
      ? ['With USER_NOTIF and TRACE another process decides; here they rank between refused and allowed.']
      : []),
    ...(has('LOG') ? ['LOG runs the call and counts as allowed.'] : []),
  ];
}

function sizeNotes(diffs: readonly FilterDiff[]): readonly string[] {
  const step = (one: number, other: number): string =>
    one === other ? formatCount(one) : `${formatCount(one)} ${ARROW} ${formatCount(other)}`;
  const [only] = diffs;
  if (only === undefined) return [];
  if (diffs.length > 1)
    return [
      `Instructions: ${diffs
        .map(({ machine, before, after }) => `${machine} ${step(before.instructions, after.instructions)}`)
        .join(', ')}.`,
    ];
  const { before, after, architectures } = only;
  return [
    `Instructions: ${step(before.instructions, after.instructions)}; ` +
      `on the longest path: ${step(before.longest, after.longest)}.`,
    ...lengthNotes(architectures),
  ];
}

/** Calls that the bitmap answers execute none. */
function lengthNotes(architectures: readonly ArchitectureDiff[]): readonly string[] {
  const run = architectures.flatMap(({ arch, calls }) =>
    calls.filter(({ before, after }) => !before.cached && !after.cached).map((call) => ({ arch, ...call })),
  );
  const longer = run.filter(({ before, after }) => after.most > before.most);
  const shorter = run.filter(({ before, after }) => after.most < before.most);
  if (longer.length + shorter.length === 0) return [];
  const growth = ({ before, after }: CallDiff): number => Math.abs(after.most - before.most);
  const most = (list: readonly (CallDiff & { readonly arch: string })[]): string => {
    const [top] = list.toSorted((a, b) => growth(b) - growth(a));
    return top === undefined
      ? ''
      : ` (most: ${top.name} on ${top.arch}, ${top.before.most} ${ARROW} ${top.after.most})`;
  };
  return [
    `Outside the bitmap: ${counted(longer.length, 'call')} longer${most(longer)}, ` +
      `${formatCount(shorter.length)} shorter${most(shorter)}.`,
  ];
}

/** How sure it is. */
export function proofWords(diffs: readonly FilterDiff[]): readonly string[] {
  const runs = counted(
    diffs.reduce((sum, { proof }) => sum + proof.evaluations, 0),
    'call',
  );
  const unproved = diffs.filter(({ proof }) => proof.state === 'sampled');
  const [only] = diffs;
  const abis = diffs.length === 1 ? (only?.architectures.map(({ arch }) => arch) ?? []) : [];
  const all =
    diffs.length === 1
      ? [abis.slice(0, -1).join(', '), abis.at(-1)].filter((part) => part !== '').join(' and ')
      : `${diffs.length} machines`;
  if (unproved.length > 0)
    return [
      ...unproved.map(({ machine, proof }) => `Not proved on ${machine}: ${proof.why.join('; ')}.`),
      `${runs} of ${all} run through both.`,
    ];
  if (diffs.every(({ proof }) => proof.state === 'identical')) return ['The two have the same instructions.'];
  return [`Proved for all numbers and arguments of ${all}; ${runs} run through both.`];
}
