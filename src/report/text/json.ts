/** JSON; integers beyond 2^53 are decimal strings. Ends with a newline. */
export const jsonText = (value: unknown, indent = 2): string =>
  `${JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? one.toString() : one), indent)}\n`;
