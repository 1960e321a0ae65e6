import type { Note } from '../../model/filter/notes.js';
import { wrapped } from '../text/columns.js';
import { counted } from '../text/format.js';
import { noteLine, noteSentence } from '../words/notes.js';
import { plainLine } from '../../model/plain-text.js';

/** Notes beyond these are counted only. */
const SHOWN_NOTES = 8;

/** A head with their number, then one paragraph a note, the most urgent first; empty where there is none. */
export function notesBlock(
  notes: readonly Note[],
  {
    width,
    bold,
    most = SHOWN_NOTES,
  }: { readonly width: number; readonly bold: (text: string) => string; readonly most?: number },
): readonly string[] {
  if (notes.length === 0) return [];
  const [file, ...others] = new Set(notes.map((note) => note.file));
  const isOne = file !== undefined && others.length === 0;
  const more = notes.length - most;
  return [
    ...wrapped(isOne ? `Notes on ${plainLine(file)}, ${notes.length}` : `Notes, ${notes.length}`, width).map(bold),
    ...notes.slice(0, most).flatMap((note) => item(isOne ? placedSentence(note) : noteLine(note), width)),
    ...(more > 0 ? item(`${counted(more, 'more note')}: --json shows all.`, width) : []),
  ];
}

/** Without the file, which stands above. */
const placedSentence = (note: Note): string =>
  note.path === null ? noteSentence(note) : `${plainLine(note.path)}: ${noteSentence(note)}`;

const item = (text: string, width: number): readonly string[] =>
  wrapped(text, width - 2).map((line, index) => `${index === 0 ? '- ' : '  '}${line}`);
