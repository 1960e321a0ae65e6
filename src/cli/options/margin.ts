import { percentOption } from './values.js';

/** `1%` is 0.01. Throws `usage`. */
export const parseMargin = (text: string): number =>
  percentOption('--margin', text, 'Give the largest change that does not matter to you, for example --margin 1%.');
