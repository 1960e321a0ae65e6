import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';

const FOLDER = resolve(import.meta.dirname, '../schemas');
const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });

/** What the schema of a kind finds wrong with a document. */
export function schemaErrors(kind: string, document: unknown): readonly string[] {
  const validate = ajv.getSchema(kind) ?? ajv.addSchema(schemaOf(kind), kind).getSchema(kind)!;
  // As a reader gets it: undefined fields are absent.
  if (validate(JSON.parse(JSON.stringify(document))) === true) return [];
  return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}

const schemaOf = (kind: string): object =>
  JSON.parse(readFileSync(join(FOLDER, `${kind}.schema.json`), 'utf8')) as object;
