import { readFileSync } from 'node:fs';
import { fileError } from '../../errors.js';

/** The text of a file of counts; messages call it `shown`. Throws `input` with `hint` where it cannot be read. */
export function readCountsText(path: string, shown: string, hint: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw fileError('read', shown, cause, { hint });
  }
}
