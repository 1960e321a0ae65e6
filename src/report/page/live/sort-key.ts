/** What a cell is ordered by: a number, a text in lower case, or nothing, which comes last. */
export type SortKey = number | string | null;

/** Units of one quantity each, as multiples of its smallest; a table does not mix quantities in a column. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  min: 60e9,
  h: 3600e9,
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** A relation, a sign, digits, an exponent and a unit; nothing that goes on as a word or a date. */
const NUMBER = new RegExp(
  [
    /^(?:p )?([<>≤≥=±] ?)?([+\u2212-]?)/,
    /(\d+(?:,\d{3})*(?:\.\d+)?|\d*\.\d+)(?:e([+-]?\d+))?/,
    /(?: ?(ns|µs|ms|s|min|h|B|KiB|MiB|GiB)\b| ?%)?(?![\w.]|-\d)/,
  ]
    .map(({ source }) => source)
    .join(''),
  'u',
);

/** The key of a cell by its text: `−42.1 % [−42.9, −41.3]` is -42.1, `853 µs` less than `1.20 ms`. */
export function sortKey(text: string): SortKey {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed === '\u2013') return null;
  const found = NUMBER.exec(trimmed);
  if (found === null) return trimmed.toLowerCase();
  const [, relation = '', sign, digits = '', exponent = '0', unit = ''] = found;
  const size = Number(digits.replaceAll(',', '')) * 10 ** Number(exponent) * (UNITS[unit] ?? 1);
  const value = sign === '\u2212' || sign === '-' ? -size : size;
  // `p < 0.0001` comes before `p = 0.0001`.
  if (relation.startsWith('<')) return value - Math.abs(value) * 1e-9;
  return relation.startsWith('>') ? value + Math.abs(value) * 1e-9 : value;
}

export type Direction = 'ascending' | 'descending';

/** The places of the texts of a column in their order; equal ones stay in theirs, missing ones come last. */
export function sortedPlaces(texts: readonly string[], direction: Direction): readonly number[] {
  const keys = texts.map(sortKey);
  const numeric = keys.every((key) => typeof key !== 'string');
  const order = direction === 'ascending' ? 1 : -1;
  const compare = (left: number, right: number): number => {
    const [first, second] = [keys[left] ?? null, keys[right] ?? null];
    if (first === null || second === null) return Number(first === null) - Number(second === null);
    return order * (numeric ? Number(first) - Number(second) : compareTexts(texts[left] ?? '', texts[right] ?? ''));
  };
  return texts.map((_, place) => place).sort((left, right) => compare(left, right) || left - right);
}

const compareTexts = (left: string, right: string): number =>
  left.localeCompare(right, 'en', { numeric: true, sensitivity: 'base' });
