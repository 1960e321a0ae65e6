/** The longest key, so that the marker stays one short line. */
const LONGEST_KEY = 100;

/** A name as part of a marker: nothing in it can end a comment of HTML. */
const markerKey = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9._]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, LONGEST_KEY) || 'results';

/** The hidden first line by which a comment is found again. */
export const commentMarker = (key: string): string => `<!-- bench-ci: ${markerKey(key)} -->`;
