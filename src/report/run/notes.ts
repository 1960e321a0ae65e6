import type { Note } from '../../model/filter/notes.js';
import type { ArmEvidence } from '../../model/run/evidence.js';
import { counted } from '../text/format.js';
import { notePlace, noteSentence } from '../words/notes.js';
import { left } from './tables.js';
import type { Table } from './tables.js';

/** A table shows no more notes. */
const MOST_SHOWN = 12;

type NotedArm = Pick<ArmEvidence, 'arm' | 'notes'>;

/** A note with the arms whose files have it. */
export interface SharedNote {
  readonly note: Note;
  readonly arms: readonly string[];
}

/** The notes of all arms, each once. */
export function sharedNotes(evidence: readonly NotedArm[]): readonly SharedNote[] {
  const shared = new Map<string, { readonly note: Note; readonly arms: string[] }>();
  for (const { arm, notes = [] } of evidence)
    for (const note of notes) {
      const key = JSON.stringify(note);
      const known = shared.get(key) ?? { note, arms: [] };
      known.arms.push(arm);
      shared.set(key, known);
    }
  return [...shared.values()];
}

/** What the authors of the profiles would want to know; `null` where there is nothing. */
export function notesTable(evidence: readonly NotedArm[]): Table | null {
  const all = sharedNotes(evidence);
  if (all.length === 0) return null;
  const more = all.length - MOST_SHOWN;
  return {
    title: 'Notes on the profiles',
    columns: [left('Arm'), left('Place'), left('Note')],
    rows: all.slice(0, MOST_SHOWN).map(({ note, arms }) => [arms.join(', '), notePlace(note), noteSentence(note)]),
    ...(more > 0 ? { note: `${counted(more, 'more note')}: \`bench inspect --json\` shows all of a profile.` } : {}),
  };
}
