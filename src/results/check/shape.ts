/** What a value of a document should be: a test, and the words for a message. */
export interface Check {
  /** `a number`: what comes after "expected". */
  readonly wanted: string;
  readonly test: (value: unknown) => boolean;
}

/** A JSON object. */
export type Document = Readonly<Record<string, unknown>>;
export type Fault = string | undefined;

export const isObject = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

export const text: Check = { wanted: 'text', test: (value) => typeof value === 'string' };
export const number: Check = { wanted: 'a number', test: isNumber };
export const flag: Check = { wanted: 'true or false', test: (value) => typeof value === 'boolean' };
export const object: Check = { wanted: 'an object', test: isObject };
export const list: Check = { wanted: 'a list', test: Array.isArray };
/** Such as a time or a size. */
export const amount: Check = { wanted: 'a number of at least 0', test: (value) => isNumber(value) && value >= 0 };
export const count: Check = {
  wanted: 'a whole number of at least 0',
  test: (value) => Number.isInteger(value) && Number(value) >= 0,
};
export const positiveCount: Check = {
  wanted: 'a whole number of at least 1',
  test: (value) => Number.isInteger(value) && Number(value) >= 1,
};

export const orNull = ({ wanted, test }: Check): Check => ({
  wanted: `${wanted} or null`,
  test: (value) => value === null || test(value),
});

/** For a field that documents of older versions lack. */
export const optional = ({ wanted, test }: Check): Check => ({
  wanted,
  test: (value) => value === undefined || test(value),
});

/** `items` are the words for its elements. */
export const listOf = ({ test }: Check, items: string): Check => ({
  wanted: `a list of ${items}`,
  test: (value) => Array.isArray(value) && value.every(test),
});

export const oneOf = (values: readonly string[]): Check => ({
  wanted: `one of ${values.join(', ')}`,
  test: (value) => (values as readonly unknown[]).includes(value),
});

/** `path: expected X, got Y`, with Y as JSON (or the number that JSON lacks), shortened. */
export function expected(path: string, wanted: string, value: unknown): string {
  const shown = value === undefined ? 'nothing' : typeof value === 'number' ? String(value) : JSON.stringify(value);
  return `${path}: expected ${wanted}, got ${shown.length > 60 ? `${shown.slice(0, 60)}...` : shown}`;
}

/** The fault of one value. */
export const faultOf = (path: string, value: unknown, { wanted, test }: Check): Fault =>
  test(value) ? undefined : expected(path, wanted, value);

/** The first fault among the fields of an object; an empty path is the top level. */
export function fieldsFault(path: string, value: unknown, fields: Readonly<Record<string, Check>>): Fault {
  if (!isObject(value)) return expected(path === '' ? '(top level)' : path, 'an object', value);
  return firstFault(Object.entries(fields), ([key, check]) =>
    faultOf(path === '' ? key : `${path}.${key}`, value[key], check),
  );
}

/** The first fault among the items of a list; an empty path is the top level. */
export function itemsFault(path: string, value: unknown, itemFault: (path: string, item: unknown) => Fault): Fault {
  if (!Array.isArray(value)) return expected(path === '' ? '(top level)' : path, 'a list', value);
  return firstFault(value, (item, index) => itemFault(`${path}[${index}]`, item));
}

export function firstFault<Item>(items: readonly Item[], itemFault: (item: Item, index: number) => Fault): Fault {
  for (const [index, item] of items.entries()) {
    const fault = itemFault(item, index);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
