import { Ajv, type ErrorObject } from 'ajv';

/** Checks a value by a JSON schema: `undefined` where it fits, otherwise the first fault, with its path. */
export function faultAgainst(schema: object, value: unknown): string | undefined {
  const ajv = new Ajv({ discriminator: true, verbose: true, strict: true, strictTypes: false, strictRequired: false });
  const validate = ajv.compile(schema);
  if (validate(value)) return undefined;
  const error = mostPrecise(validate.errors ?? []);
  return error === undefined ? 'it does not fit the schema' : wordsFor(error);
}

/** `if` and `oneOf` only repeat that something inside failed. */
function mostPrecise(errors: readonly ErrorObject[]): ErrorObject | undefined {
  return errors.find((error) => error.keyword !== 'if' && error.keyword !== 'oneOf') ?? errors[0];
}

/** `arms[1].policy` for `/arms/1/policy`; the path of a missing or unexpected property ends with its name. */
function pathOf(error: ErrorObject): string {
  const named = propertyOf(error);
  const steps = [...error.instancePath.split('/').slice(1), ...(named === undefined ? [] : [named])].map((step) =>
    step.replaceAll('~1', '/').replaceAll('~0', '~'),
  );
  return pathText(steps);
}

/** The path of steps into a JSON value: numbers in brackets, names after dots, `(top level)` without steps. */
export function pathText(steps: readonly (string | number)[]): string {
  const text = steps.map((step) => (/^\d+$/.test(String(step)) ? `[${step}]` : `.${step}`)).join('');
  return text === '' ? '(top level)' : text.replace(/^\./, '');
}

function propertyOf({ keyword, params }: ErrorObject): string | undefined {
  const named: Readonly<Record<string, string>> = {
    required: 'missingProperty',
    additionalProperties: 'additionalProperty',
    discriminator: 'tag',
  };
  const key = named[keyword];
  return key === undefined ? undefined : String((params as Readonly<Record<string, unknown>>)[key]);
}

function wordsFor(error: ErrorObject): string {
  const params = error.params as Readonly<Record<string, unknown>>;
  const path = pathOf(error);
  switch (error.keyword) {
    case 'required':
      return `${path} is required`;
    case 'additionalProperties':
      return `${path} is not a known property; known: ${propertiesOf(error).join(', ')}`;
    case 'not': {
      const { required } = error.schema as { readonly required: readonly string[] };
      return `${path}: expected either ${required.join(' or ')}, got both`;
    }
    case 'discriminator':
      return `${path}: expected one of ${kindsOf(error).join(', ')}, got ${shown(params['tagValue'])}`;
    default:
      return `${path}: expected ${expectation(error)}, got ${shown(error.data)}`;
  }
}

interface Branch {
  readonly properties: { readonly kind: { readonly const: string } };
}

/** The values of the property that tells the branches of a schema apart. */
const kindsOf = ({ parentSchema }: ErrorObject): readonly string[] =>
  ((parentSchema?.['oneOf'] ?? []) as readonly Branch[]).map(({ properties }) => shown(properties.kind.const));

const propertiesOf = ({ parentSchema }: ErrorObject): readonly string[] =>
  Object.keys(Object(parentSchema?.['properties']) as object);

/** What the schema expects, in words. */
function expectation(error: ErrorObject): string {
  const schema = (error.parentSchema ?? {}) as Readonly<Record<string, unknown>>;
  const choices = schema['enum'];
  if (Array.isArray(choices)) return `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`;
  if (schema['type'] === 'integer') return `an integer ${bound(error.keyword, schema)}`;
  if (error.instancePath === '/program/ready') return 'a port from 1 to 65535, or a regular expression';
  if (schema['type'] === 'number') return `a number from ${String(schema['minimum'])} to ${String(schema['maximum'])}`;
  if (schema['type'] === 'boolean') return 'true or false';
  if (error.instancePath.includes('/first/')) return 'the name of a system call';
  if (schema['pattern'] !== undefined)
    return 'a name of at most 64 letters, digits, ".", "_" and "-" that begins with a letter or digit';
  if (schema['type'] === 'string') return 'a text that is not empty';
  if (error.keyword === 'uniqueItems') return 'a list without repetitions';
  if (schema['type'] === 'array') return listAt(error.instancePath);
  return schema['type'] === 'object' ? 'an object' : `a value that fits the schema (${error.message ?? error.keyword})`;
}

const LISTED: Readonly<Record<string, string>> = { '/arms': 'arm', '/actions': 'action', '/touch': 'working set' };

function listAt(path: string): string {
  if (path.startsWith('/program')) return 'a list of texts';
  if (path.endsWith('/first')) return 'a list of 1 to 255 calls';
  if (path === '/calls') return 'a list of 1 to 16 calls';
  return `a list of at least one ${LISTED[path] ?? 'level'}`;
}

/** The bound that was exceeded, otherwise the lower one. */
function bound(keyword: string, { minimum, maximum }: Readonly<Record<string, unknown>>): string {
  return keyword === 'maximum' ? `of at most ${String(maximum)}` : `of at least ${String(minimum)}`;
}

const LONGEST_SHOWN = 60;

/** A wrong value as JSON, shortened. */
function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text;
}
