import type { Picture, Question } from '../charts/picture.js';
import { html, NOTHING, raw, sentenceHtml, type Html } from './markup.js';
import type { Table } from '../run/tables.js';
import type { Outline } from './outline.js';
import { sectionHtml, type Level } from './section.js';
import { tableHtml } from './table.js';

/** Images by picture id, for where no script runs. */
export type Images = ReadonlyMap<string, Image>;

export interface Image {
  readonly type: 'image/png' | 'image/webp';
  readonly data: Buffer;
}

/** What the pictures of a question are headed with. */
export const QUESTION_TITLES: Readonly<Record<Question, string>> = {
  change: 'Change',
  distributions: 'Distributions',
  time: 'The run over time',
  where: 'Where the time goes',
  sweep: 'Sweep',
  price: 'What filters cost',
  memory: 'Memory',
  calls: 'System calls',
  power: 'What more blocks would show',
  published: 'In the published look',
};

/** Pictures of one question in a section; `note` stands below them. */
function pictureSection(
  question: Question,
  pictures: readonly Picture[],
  { images, outline, level = 2, note = NOTHING, table }: PictureSettings,
): Html {
  const figures = pictures.map((picture) =>
    figureHtml(picture, images.get(picture.id), { isRepeated: picture.numbers.title === table?.title }),
  );
  const layout = figures.length > 1 ? 'pair' : 'single';
  const body = html`<div class="${layout}">${figures}</div>
    ${note}`;
  return sectionHtml(QUESTION_TITLES[question], body, outline, level);
}

interface PictureSettings {
  readonly images: Images;
  readonly outline: Outline;
  readonly level?: Level;
  readonly note?: Html;
  /** Stands on the page by itself: on paper, pictures that have it as their numbers do not repeat it. */
  readonly table?: Table;
}

/** Pictures in the given order, grouped by question; `noteOf` gives the note below each group. */
export function pictureSections(
  pictures: readonly Picture[],
  settings: Omit<PictureSettings, 'note'>,
  noteOf: (question: Question) => Html = () => NOTHING,
): readonly Html[] {
  const questions = [...new Set(pictures.map(({ question }) => question))];
  return questions.map((question) => {
    const ofQuestion = pictures.filter((one) => one.question === question);
    return pictureSection(question, ofQuestion, { ...settings, note: noteOf(question) });
  });
}

/** A place for a chart: its image where no script runs, the sentence read off it, and its numbers. */
export function figureHtml(
  { id, title, sentence, numbers }: Picture,
  image: Image | undefined,
  { isRepeated = false } = {},
): Html {
  const shown =
    image === undefined
      ? NOTHING
      : html`<img
          alt="${title}. ${sentence}"
          src="data:${raw(`${image.type};base64,${image.data.toString('base64')}`)}"
        />`;
  return html`<figure data-chart="${id}">
    <figcaption>${sentenceHtml(sentence)}</figcaption>
    <div class="chart">${shown}</div>
    <details class="numbers${isRepeated ? ' repeated' : ''}">
      <summary>Numbers<span class="unseen"> of ${title}</span></summary>
      ${tableHtml(numbers)}
    </details>
  </figure>`;
}
