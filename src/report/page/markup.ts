import { plainLine } from '../../model/plain-text.js';

/** Finished HTML. Only {@link html} and {@link raw} make it, so a text is never taken for HTML. */
export class Html {
  constructor(readonly text: string) {}
}

/** What a template takes: texts and numbers, which are escaped, and finished HTML; nothing for `null`. */
export type Content = string | number | Html | null | readonly Content[];

/** Parts of templates without the indentation that a formatter gave them, by template. */
const PARTS = new WeakMap<TemplateStringsArray, readonly string[]>();

function partsOf(template: TemplateStringsArray): readonly string[] {
  const known = PARTS.get(template) ?? template.map((part) => part.replace(/\n\s+/g, '\n'));
  PARTS.set(template, known);
  return known;
}

/**
 * HTML from a template literal. Texts, from anywhere, are plain and escaped where they are put in, both as content and
 * in attributes in double quotes.
 */
export const html = (template: TemplateStringsArray, ...contents: readonly Content[]): Html =>
  new Html(
    partsOf(template)
      .map((part, index) => `${part}${textOf(contents[index] ?? null)}`)
      .join(''),
  );

function textOf(content: Content): string {
  if (content === null) return '';
  if (content instanceof Html) return content.text;
  if (typeof content === 'number') return String(content);
  if (typeof content === 'string') return escaped(content);
  return content.map(textOf).join('');
}

/** HTML of bench's own; never of a text from outside. */
export const raw = (text: string): Html => new Html(text);

export const NOTHING = raw('');

/** Plain text, in element content and in quoted attributes. */
const escaped = (text: string): string =>
  plainLine(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');

/** A sentence: `x` between backticks becomes code. */
export const sentenceHtml = (text: string): Html => raw(escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>'));

/** JSON that cannot end its script element, with any text in it. */
export const inlineJson = (value: unknown): Html => raw(JSON.stringify(value).replace(/</g, '\\u003c'));

/** A script of bench's own that cannot end its element. */
export const inlineScript = (script: string): Html => raw(script.replace(/<\/(script)/gi, '<\\/$1'));
