import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResultDocuments } from '../../model/results/documents.js';
import { packageRoot } from '../../package.js';
import { expected, firstFault, isObject, type Document, type Fault } from './shape.js';

/** What scripts/make-schemas.mjs uses of JSON Schema. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
}

interface WholeSchema extends Schema {
  readonly definitions: Readonly<Record<string, Schema>>;
}

let read: WholeSchema | undefined;
/** Of every document, read when the first one is checked. */
const whole = (): WholeSchema =>
  (read ??= JSON.parse(readFileSync(join(packageRoot(), 'schemas/results.schema.json'), 'utf8')) as WholeSchema);

/** What else is known of a document. */
export interface Known {
  /** The plan's arms: every `arm` must be one of them. Absent: any. */
  readonly arms?: readonly string[];
}

/**
 * What is wrong with a document of a results folder by its schema, as `path: expected X, got Y`; the first fault in the
 * order of the schema. Unknown fields are allowed.
 */
export const documentFault = (name: keyof ResultDocuments, value: unknown, known: Known = {}): Fault =>
  faultAt('', value, whole().properties?.[name] ?? {}, known);

const resolved = (schema: Schema): Schema => {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : resolved(whole().definitions[name] ?? {});
};

/** An empty path is the top level. */
const shownPath = (path: string): string => (path === '' ? '(top level)' : path);
const below = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

function faultAt(path: string, value: unknown, given: Schema, known: Known): Fault {
  const schema = resolved(given);
  if (schema.anyOf !== undefined) return unionFault(path, value, schema.anyOf.map(resolved), known);
  if (!fits(value, schema)) return expected(shownPath(path), wantedOf(schema, value), value);
  if (isObject(value)) return fieldsFault(path, value, schema, known);
  return Array.isArray(value) ? itemsFault(path, value, schema, known) : undefined;
}

function fieldsFault(path: string, value: Document, schema: Schema, known: Known): Fault {
  const { properties = {}, required = [], additionalProperties } = schema;
  // Only what the object has itself: a field may be called `constructor`.
  const own = (key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined);
  const faultIn = (key: string, field: Schema): Fault =>
    faultAt(below(path, key), own(key), field, known) ?? armFault(below(path, key), key, own(key), known);
  for (const [key, field] of Object.entries(properties)) {
    const fault = Object.hasOwn(value, key) || required.includes(key) ? faultIn(key, field) : undefined;
    if (fault !== undefined) return fault;
  }
  if (typeof additionalProperties !== 'object') return undefined;
  const others = Object.keys(value).filter((key) => !Object.hasOwn(properties, key));
  return firstFault(others, (key) => faultAt(below(path, key), own(key), additionalProperties, known));
}

const armFault = (path: string, key: string, value: unknown, { arms }: Known): Fault =>
  key !== 'arm' || arms === undefined || arms.includes(String(value))
    ? undefined
    : expected(path, `one of the plan's (${arms.join(', ')})`, value);

const itemsFault = (path: string, values: readonly unknown[], { items }: Schema, known: Known): Fault =>
  items === undefined ? undefined : eachFault(path, values, resolved(items), known);

/** Without a path for every one of many numbers. */
function eachFault(path: string, values: readonly unknown[], item: Schema, known: Known): Fault {
  const isPlain = item.anyOf === undefined && item.properties === undefined && item.items === undefined;
  return firstFault(values, (value, index) =>
    isPlain && fits(value, item) ? undefined : faultAt(`${path}[${index}]`, value, item, known),
  );
}

/** A value of several possible shapes. */
function unionFault(path: string, value: unknown, choices: readonly Schema[], known: Known): Fault {
  const objects = choices.filter(({ type }) => type === 'object');
  const fitting = choices.filter((choice) => fits(value, choice));
  if (fitting.length === 0) return expected(shownPath(path), wordsOf(choices), value);
  if (!isObject(value)) return firstFault(fitting.slice(0, 1), (choice) => faultAt(path, value, choice, known));
  const tag = objects.length > 1 ? tagOf(objects) : undefined;
  if (tag === undefined) return faultAt(path, value, nearest(objects, value), known);
  const given = Object.hasOwn(value, tag) ? value[tag] : undefined;
  const shape = objects.find(({ properties }) => constantsOf(properties?.[tag]).includes(given));
  if (shape !== undefined) return faultAt(path, value, shape, known);
  const tags = objects.flatMap(({ properties }) => constantsOf(properties?.[tag]));
  return expected(below(path, tag), oneOfWords(tags), given);
}

/** The field that tells objects of different shapes apart: its constants are others in each. */
const tagOf = (shapes: readonly Schema[]): string | undefined =>
  Object.keys(shapes[0]?.properties ?? {}).find((key) => {
    const constants = shapes.map(({ properties }) => constantsOf(properties?.[key]));
    const all = constants.flat();
    return constants.every(({ length }) => length > 0) && new Set(all).size === all.length;
  });

function constantsOf(schema: Schema | undefined): readonly unknown[] {
  if (schema === undefined) return [];
  const { const: constant, enum: several = constant === undefined ? [] : [constant] } = resolved(schema);
  return several;
}

/** The shape that lacks the fewest of its required fields. */
function nearest(shapes: readonly Schema[], value: Document): Schema {
  const lacking = ({ required = [] }: Schema): number => required.filter((key) => !Object.hasOwn(value, key)).length;
  return [...shapes].sort((a, b) => lacking(a) - lacking(b))[0] ?? {};
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: Number.isFinite,
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  object: isObject,
  array: Array.isArray,
};

const typesOf = ({ type = [] }: Schema): readonly string[] => (typeof type === 'string' ? [type] : type);

/** Whether a value itself fits, whatever it holds. */
function fits(value: unknown, schema: Schema): boolean {
  const types = typesOf(schema);
  if (types.length > 0 && !types.some((type) => TYPES[type]?.(value) === true)) return false;
  const constants = constantsOf(schema);
  if (constants.length > 0) return constants.includes(value);
  const { minimum = -Infinity, maximum = Infinity, minItems = 0, maxItems = Infinity, pattern } = schema;
  if (typeof value === 'number') return value >= minimum && value <= maximum;
  if (Array.isArray(value)) return value.length >= minItems && value.length <= maxItems;
  return typeof value !== 'string' || pattern === undefined || new RegExp(pattern).test(value);
}

/** What a schema wants, in words; of bounds the one that the value is beyond. */
function wantedOf(schema: Schema, value: unknown): string {
  const constants = constantsOf(schema);
  if (constants.length > 0) return oneOfWords(constants);
  return typesOf(schema)
    .map((type) => typeWords(type, schema, value))
    .join(' or ');
}

/** What several schemas want together; the constants of all are one list. */
function wordsOf(choices: readonly Schema[]): string {
  const constants = choices.flatMap(constantsOf);
  const others = choices.filter((choice) => constantsOf(choice).length === 0).map((choice) => wantedOf(choice, null));
  return [...(constants.length === 0 ? [] : [oneOfWords(constants)]), ...new Set(others)].join(' or ');
}

const oneOfWords = (values: readonly unknown[]): string =>
  values.length <= 2
    ? values.map((value) => JSON.stringify(value)).join(' or ')
    : `one of ${values.map(String).join(', ')}`;

function typeWords(type: string, schema: Schema, value: unknown): string {
  switch (type) {
    case 'string':
      // All patterns are those of times.
      return schema.pattern === undefined ? 'text' : 'an ISO 8601 time';
    case 'number':
    case 'integer':
      return `${type === 'integer' ? 'a whole number' : 'a number'}${boundWords(schema, value)}`;
    case 'boolean':
      return 'true or false';
    case 'object':
      return 'an object';
    case 'array':
      return `a list${schema.minItems === undefined ? '' : ` of ${schema.minItems}`}`;
    default:
      return type;
  }
}

/** Bounds at which every number is exact are not worth a word, unless the value is beyond them. */
function boundWords({ minimum = -Infinity, maximum = Infinity }: Schema, value: unknown): string {
  if (typeof value === 'number' && value > maximum) return ` of at most ${maximum}`;
  return minimum >= 0 ? ` of at least ${minimum}` : '';
}
