import type { Table } from '../run/tables.js';
import type { ChartSpec } from './spec.js';

/** What a picture answers, in the order in which a report shows them. */
export const QUESTIONS = [
  'change',
  'distributions',
  'time',
  'where',
  'sweep',
  'price',
  'memory',
  'calls',
  'power',
  'published',
] as const;

export type Question = (typeof QUESTIONS)[number];

/** A chart with what a reader without eyes for it needs: the sentence read off it, and its numbers. */
export interface Picture {
  /** Unique in its report; the name of its PNG and SVG. */
  readonly id: string;
  readonly question: Question;
  readonly title: string;
  /** What the picture shows, in one sentence with its full stop. */
  readonly sentence: string;
  readonly spec: ChartSpec;
  /** What is drawn, as a table: the text alternative. */
  readonly numbers: Table;
}

/** Makes a picture of a chart. */
export const pictureOf = (
  question: Question,
  spec: ChartSpec,
  { sentence, numbers }: Pick<Picture, 'sentence' | 'numbers'>,
): Picture => ({ id: spec.id, question, title: spec.title, sentence, spec, numbers });
