import { join, resolve } from 'node:path';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { Pod } from 'kubernetes-models/v1/Pod';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '../../..');

/** The kinds bench makes, or has made: their validators and the types of their schema. */
const KINDS = { Job, ConfigMap, Namespace, Pod } as const;
type Kind = keyof typeof KINDS;
const PATHS: Readonly<Record<Kind, string>> = {
  Job: 'batch/v1/Job',
  ConfigMap: 'v1/ConfigMap',
  Namespace: 'v1/Namespace',
  Pod: 'v1/Pod',
};

/** What is wrong with an object by the OpenAPI schema of its kind; a field that the schema does not have is an error. */
export function schemaErrors(object: unknown): readonly string[] {
  const { kind, apiVersion } = object as { readonly kind?: string; readonly apiVersion?: string };
  if (kind === undefined || !(kind in KINDS)) return [`no matches for kind "${kind ?? ''}"`];
  const wanted = kind === 'Job' ? 'batch/v1' : 'v1';
  if (apiVersion !== wanted) return [`no matches for kind "${kind}" in version "${apiVersion ?? ''}"`];
  return [...validatorErrors(kind as Kind, object), ...unknownFields(kind as Kind, object)];
}

function validatorErrors(kind: Kind, object: unknown): readonly string[] {
  const Model = KINDS[kind] as new (data: object) => { readonly validate: () => void };
  try {
    new Model(object as object).validate();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

interface Types {
  readonly checker: ts.TypeChecker;
  readonly of: ReadonlyMap<Kind, ts.Type>;
}

let known: Types | undefined;

/** The schema's types as TypeScript reads them: slow, so once. */
function types(): Types {
  if (known !== undefined) return known;
  const file = join(ROOT, 'test/e2e/cluster/kinds.ts');
  const source = (Object.keys(PATHS) as Kind[])
    .map((kind) => `import type { I${kind} } from 'kubernetes-models/${PATHS[kind]}'; export type T${kind} = I${kind};`)
    .join('\n');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const program = ts.createProgram([file], options, {
    ...host,
    fileExists: (path) => path === file || host.fileExists(path),
    readFile: (path) => (path === file ? source : host.readFile(path)),
    getSourceFile: (path, version, ...rest) =>
      path === file ? ts.createSourceFile(path, source, version) : host.getSourceFile(path, version, ...rest),
  });
  const checker = program.getTypeChecker();
  const of = new Map<Kind, ts.Type>();
  for (const statement of program.getSourceFile(file)?.statements ?? []) {
    if (!ts.isTypeAliasDeclaration(statement)) continue;
    of.set(statement.name.text.slice(1) as Kind, checker.getTypeAtLocation(statement));
  }
  known = { checker, of };
  return known;
}

function unknownFields(kind: Kind, object: unknown): readonly string[] {
  const { checker, of } = types();
  const type = of.get(kind);
  if (type === undefined) throw new RangeError(`${kind} has a type`);
  return fieldsWithout(object, type, '', checker).map((path) => `strict decoding error: unknown field "${path}"`);
}

/** Paths of the fields of a value that its type does not have. */
function fieldsWithout(value: unknown, type: ts.Type, path: string, checker: ts.TypeChecker): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = checker.getNonNullableType(type);
  if (Array.isArray(value)) {
    const element = checker.getIndexTypeOfType(own, ts.IndexKind.Number);
    if (element === undefined) return [path];
    return value.flatMap((item, index) => fieldsWithout(item, element, `${path}[${index}]`, checker));
  }
  const any = checker.getIndexTypeOfType(own, ts.IndexKind.String);
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = path === '' ? key : `${path}.${key}`;
    const property = checker.getPropertyOfType(own, key);
    const next = property === undefined ? any : checker.getTypeOfSymbol(property);
    return next === undefined ? [place] : fieldsWithout(inner, next, place, checker);
  });
}
