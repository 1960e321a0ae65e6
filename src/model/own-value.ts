/**
 * The value of a key that came from outside: `undefined` for a key that the record does not have itself, such as
 * `constructor`.
 */
export const ownValue = <Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;
