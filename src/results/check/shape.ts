/** A JSON object. */
export type Document = Readonly<Record<string, unknown>>;
export type Fault = string | undefined;

export const isObject = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const LONGEST_SHOWN = 60;

/** `path: expected X, got Y`, with Y as JSON (or the number that JSON lacks), shortened. */
export function expected(path: string, wanted: string, value: unknown): string {
  const shown = value === undefined ? 'nothing' : typeof value === 'number' ? String(value) : jsonOf(value);
  const short = shown.length > LONGEST_SHOWN ? `${shown.slice(0, LONGEST_SHOWN)}...` : shown;
  return `${path}: expected ${wanted}, got ${short}`;
}

function jsonOf(value: unknown): string {
  try {
    // Only a beginning is shown, so only a beginning of a text is written.
    return JSON.stringify(typeof value === 'string' ? value.slice(0, LONGEST_SHOWN) : value);
  } catch {
    // It is nested deeper than the stack.
    return Array.isArray(value) ? '[[...' : '{...';
  }
}

export function firstFault<Item>(items: readonly Item[], itemFault: (item: Item, index: number) => Fault): Fault {
  for (const [index, item] of items.entries()) {
    const fault = itemFault(item, index);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
