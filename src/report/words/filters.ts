import type { FilterForm } from '../../model/filter/form.js';
import type { BuiltPrediction } from '../../model/run/evidence.js';
import { formatCount } from '../text/format.js';

/** A form in a sentence. */
export const FORM_OF_FILTER: Readonly<Record<FilterForm, string>> = {
  plain: 'a filter of the plain form',
  tree: 'a binary tree',
};

/** A form in a list. */
const FORM_WORDS: Readonly<Record<FilterForm, string>> = { plain: 'plain', tree: 'binary tree' };

/** `1,290, binary tree, libseccomp 2.6.1`: a predicted filter and what it was built with. */
export const madeWords = ({ instructions, ...made }: BuiltPrediction): string =>
  [formatCount(instructions), ...makingWords(made)].join(', ');

/** `binary tree`, `libseccomp 2.6.1`, as far as they are recorded. */
export const makingWords = ({ form, libseccomp }: Pick<BuiltPrediction, 'form' | 'libseccomp'>): readonly string[] => [
  ...(form === undefined ? [] : [FORM_WORDS[form]]),
  ...(libseccomp === undefined ? [] : [`libseccomp ${libseccomp}`]),
];
