// Values that documents and options do not expect, and JSON with one of them in it.

/** Texts: for terminals, pages, spreadsheets, paths and parsers. */
export const HOSTILE_TEXTS = [
  '',
  ' ',
  '\n\n',
  '\0',
  '\u001b[2J\u001b]0;title\u0007',
  '\u202egnp.exe\u2066',
  '\ud800',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '| a | b |\n|---|---|',
  '=HYPERLINK("http://a")',
  '@SUM(1)',
  '__proto__',
  'constructor',
  '../../x',
  '%s%n%d',
  '$(id)',
  '-1',
  'NaN',
  '1e400',
  '18446744073709551616',
  'x'.repeat(100_000),
];

const nested = (depth) => {
  let value = [];
  for (let left = depth; left > 0; left--) value = [value];
  return value;
};

const HOSTILE_VALUES = [
  ...HOSTILE_TEXTS,
  null,
  true,
  0,
  -1,
  0.5,
  1e308,
  -1e308,
  2 ** 53,
  1e-320,
  [],
  {},
  [null],
  nested(500),
  Array.from({ length: 10_000 }, () => null),
  JSON.parse('{"__proto__":{"a":1},"constructor":7,"length":-1}'),
];

/** @typedef {(low: number, high: number) => number} Draw */

/** One of a list. @template T @param {readonly T[]} list @param {Draw} draw @returns {T} */
export const oneOf = (list, draw) => list[draw(0, list.length - 1)];

/** A JSON text with one to three of its values replaced, removed, or given another name. */
export function hostileJson(text, draw) {
  const value = JSON.parse(text);
  for (let left = draw(1, 3); left > 0; left--) change(value, draw);
  return JSON.stringify(value);
}

/** The same for a file with a JSON value per line: in one line of it. */
export function hostileLines(text, draw) {
  const lines = text.trimEnd().split('\n');
  const at = draw(0, lines.length - 1);
  lines[at] = hostileJson(lines[at], draw);
  return `${lines.join('\n')}\n`;
}

function change(value, draw) {
  const place = placeIn(value, draw);
  if (place === null) return;
  const { holder, key } = place;
  switch (draw(0, 7)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else Reflect.deleteProperty(holder, key);
      break;
    case 1:
      if (Array.isArray(holder)) holder.push(holder[key]);
      else holder[oneOf(HOSTILE_TEXTS, draw)] = holder[key];
      break;
    default:
      holder[key] = oneOf(HOSTILE_VALUES, draw);
  }
}

/** A random place in a value, not always at the top and not always a leaf. */
function placeIn(value, draw) {
  let holder = value;
  for (;;) {
    if (typeof holder !== 'object' || holder === null) return null;
    const keys = Object.keys(holder);
    if (keys.length === 0) return null;
    const key = oneOf(keys, draw);
    const inner = holder[key];
    const goesOn = typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0 && draw(0, 5) > 0;
    if (!goesOn) return { holder, key };
    holder = inner;
  }
}
