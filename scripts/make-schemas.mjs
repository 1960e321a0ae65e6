// Writes schemas/KIND.schema.json, the shapes of what --json prints, from the types of src/cli/output/documents.ts, and
// schemas/results.schema.json, the shapes of the files of a results folder, from those of
// src/model/results/documents.ts:
//   node scripts/make-schemas.mjs
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AnnotatedType,
  createFormatter,
  createParser,
  createProgram,
  DEFAULT_CONFIG,
  NullType,
  NumberType,
  SchemaGenerator,
  StringType,
  UnionType,
} from 'ts-json-schema-generator';
import ts from 'typescript';
import { format, resolveConfig } from 'prettier';

const ROOT = join(import.meta.dirname, '..');
const SOURCE = join(ROOT, 'src/cli/output/documents.ts');
const RESULTS_SOURCE = join(ROOT, 'src/model/results/documents.ts');
const FOLDER = join(ROOT, 'schemas');

/** What a type becomes in JSON where that is something else: 64-bit integers, and numbers that may be infinite. */
const PRINTED_DIFFERENTLY = [
  {
    is: (/** @type {ts.Node} */ node) => node.kind === ts.SyntaxKind.BigIntKeyword,
    type: () =>
      new AnnotatedType(
        new StringType(),
        { pattern: '^[0-9]+$', description: 'Decimal: JSON numbers are exact up to 2^53 only.' },
        false,
      ),
  },
  {
    is: (/** @type {ts.Node} */ node) => isReferenceTo(node, 'Bound'),
    type: () =>
      new AnnotatedType(
        new UnionType([new NumberType(), new NullType()]),
        { description: '`null` where no interval exists.' },
        false,
      ),
  },
];

const isReferenceTo = (/** @type {ts.Node} */ node, /** @type {string} */ name) =>
  ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName) && node.typeName.text === name;

/** Members of the interface JsonDocuments: the kinds, each with the name of its type. */
function kindsOf(/** @type {ts.Program} */ program) {
  const source = program.getSourceFile(SOURCE);
  const documents = source?.statements.find(
    (one) => ts.isInterfaceDeclaration(one) && one.name.text === 'JsonDocuments',
  );
  if (documents === undefined || !ts.isInterfaceDeclaration(documents))
    throw new Error(`${SOURCE} declares no JsonDocuments`);
  return documents.members.map((member) => {
    if (!ts.isPropertySignature(member) || member.type === undefined) throw new Error('JsonDocuments has fields only');
    return { kind: member.name.getText(source), type: member.type.getText(source) };
  });
}

/** A generator of schemas for the types of one file. */
function generatorOf(/** @type {string} */ path) {
  const config = {
    ...DEFAULT_CONFIG,
    path,
    tsconfig: join(ROOT, 'tsconfig.json'),
    // The compiler checks types already.
    skipTypeCheck: true,
    additionalProperties: true,
    topRef: false,
    sortProps: false,
  };
  const program = createProgram(config);
  const parser = createParser(program, config, (chain) => {
    for (const { is, type } of PRINTED_DIFFERENTLY) chain.addNodeParser({ supportsNode: is, createType: type });
  });
  return { program, generator: new SchemaGenerator(program, parser, createFormatter(config), config) };
}

/** The text of every schema by its file name. */
export async function makeSchemas() {
  const { program, generator } = generatorOf(SOURCE);
  const options = await resolveConfig(SOURCE);
  const textOf = (/** @type {object} */ schema) => format(JSON.stringify(schema), { ...options, parser: 'json' });
  /** @type {Map<string, string>} */
  const schemas = new Map();
  for (const { kind, type } of kindsOf(program))
    schemas.set(`${kind}.schema.json`, await textOf(withHead(kind, generator.createSchema(type))));
  const results = generatorOf(RESULTS_SOURCE).generator.createSchema('ResultDocuments');
  schemas.set('results.schema.json', await textOf(withBounds({ ...results, title: 'results' })));
  return schemas;
}

/**
 * The schema with bounds for every number that has none: none is negative, and none so large that sums of its squares
 * were infinite. Bounds that were written for a list are those of its items.
 * @param {any} schema
 * @returns {any}
 */
function withBounds(schema) {
  if (Array.isArray(schema)) return schema.map(withBounds);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { minimum, ...rest } = Object.fromEntries(Object.entries(schema).map(([key, one]) => [key, withBounds(one)]));
  const types = [rest.type].flat();
  if (types.includes('array') && minimum !== undefined) return { ...rest, items: { ...rest.items, minimum } };
  if (!types.some((type) => type === 'number' || type === 'integer') || 'const' in rest || 'enum' in rest) return rest;
  return { ...rest, minimum: minimum ?? 0, maximum: rest.maximum ?? Number.MAX_SAFE_INTEGER };
}

/** With what every document starts with. */
function withHead(
  /** @type {string} */ kind,
  /** @type {import('ts-json-schema-generator').Schema} */ { $schema, $ref, definitions = {}, ...document },
) {
  // Many readers ignore what stands next to a $ref.
  const name = $ref?.split('/').at(-1) ?? '';
  const { [name]: same, ...others } = definitions;
  const { properties, required = [] } = typeof same === 'object' ? same : document;
  return {
    $schema,
    title: kind,
    description: document.description,
    type: 'object',
    properties: {
      formatVersion: { const: 1, description: 'Changes when a reader of the old one would go wrong.' },
      kind: { const: kind },
      ...properties,
    },
    required: ['formatVersion', 'kind', ...required],
    definitions: others,
  };
}

async function main() {
  const schemas = await makeSchemas();
  mkdirSync(FOLDER, { recursive: true });
  for (const name of readdirSync(FOLDER)) if (!schemas.has(name)) rmSync(join(FOLDER, name));
  for (const [name, text] of schemas) writeFileSync(join(FOLDER, name), text);
}

if (process.argv[1] === import.meta.filename) await main();
