import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../src');

/** Rooms that do one thing and know no other of their kind. */
const STAGES = [
  'profile',
  'convert',
  'filter',
  'engine',
  'payload',
  'scenario',
  'host',
  'tracing',
  'results',
  'statistics',
  'history',
  'report',
];
const BASE = ['model', 'errors', 'package'];
/** Stages that start programs, or lock files (`results`). */
const USES_PROCESS = new Set(['engine', 'payload', 'host', 'tracing', 'filter', 'results']);

/** The rooms each room may import from, besides itself. */
function allowed(room: string): ReadonlySet<string> {
  switch (room) {
    case 'errors':
    case 'package':
      return new Set();
    case 'model':
      return new Set(['errors']);
    case 'process':
      return new Set(BASE);
    case 'experiment':
      return new Set([...BASE, 'process', ...STAGES.filter((stage) => stage !== 'report')]);
    case 'reporting':
      return new Set([...BASE, 'results', 'statistics', 'history', 'report']);
    case 'advise':
      return new Set([...BASE, 'process', 'experiment', 'reporting', ...STAGES]);
    case 'fleet':
      return new Set([...BASE, 'process', 'experiment', ...STAGES.filter((stage) => stage !== 'report')]);
    case 'cli':
      return new Set([...BASE, 'experiment', 'reporting', 'advise', 'fleet', ...STAGES]);
    case 'cli.ts':
      return new Set([...BASE, 'cli']);
    case 'index.ts':
      return new Set([...BASE, 'experiment', 'reporting', 'advise', 'fleet', ...STAGES]);
    default:
      return new Set([...BASE, ...(USES_PROCESS.has(room) ? ['process'] : [])]);
  }
}

/** Each library has one home. */
const LIBRARY_HOME: Readonly<Record<string, readonly string[]>> = {
  koffi: ['process/', 'filter/'],
  execa: ['process/'],
  dockerode: ['engine/docker'],
  '@grpc/grpc-js': ['engine/cri'],
  '@grpc/proto-loader': ['engine/cri'],
  'chart.js': ['report/'],
  'chartjs-node-canvas': ['report/canvas'],
  'chartjs-chart-error-bars': ['report/'],
  canvas: ['report/canvas'],
  '@napi-rs/canvas': ['report/canvas'],
  tinybench: ['results/'],
  commander: ['cli/'],
  ajv: ['scenario/'],
  'pure-rand': ['scenario/', 'history/'],
  leven: ['errors.ts'],
  '@stdlib': ['statistics/'],
  yaml: ['profile/', 'fleet/kubernetes'],
};

interface Source {
  /** From `src/`, for example `cli/commands/clean.ts`. */
  readonly file: string;
  readonly tree: ts.SourceFile;
  /** As written, types included. */
  readonly imports: readonly string[];
}

const sources: readonly Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => {
    const tree = ts.createSourceFile(file, readFileSync(join(SRC, file), 'utf8'), ts.ScriptTarget.ES2022, true);
    return { file, tree, imports: importsOf(tree) };
  });

/** Static, dynamic and type-only imports, `import('...').Type` included. */
function importsOf(tree: ts.SourceFile): readonly string[] {
  return nodesOf(tree).flatMap((node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined)
      return ts.isStringLiteral(node.moduleSpecifier) ? [node.moduleSpecifier.text] : [];
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal))
      return [node.argument.literal.text];
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      return argument !== undefined && ts.isStringLiteral(argument) ? [argument.text] : [];
    }
    return [];
  });
}

function nodesOf(node: ts.Node): readonly ts.Node[] {
  const all: ts.Node[] = [node];
  node.forEachChild((child) => {
    all.push(...nodesOf(child));
  });
  return all;
}

/** The file an import means, from `src/`. */
const targetOf = (from: string, specifier: string): string =>
  relative(SRC, resolve(SRC, dirname(from), specifier)).replace(/\.js$/, '.ts');

/** `cli` for a file in `cli/`, `cli.ts` for that file; `errors` and `package` for the two files every room imports. */
function roomOf(file: string): string {
  if (file === 'errors.ts' || file === 'package.ts') return file.replace('.ts', '');
  return file.includes('/') ? (file.split('/')[0] ?? '') : file;
}

function brokenImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) return undefined;
  if (!specifier.startsWith('.')) return brokenLibrary(from, specifier);
  const target = targetOf(from, specifier);
  const [own, other] = [roomOf(from), roomOf(target)];
  if (target.startsWith('..')) return `${from} imports ${specifier}, outside src`;
  if (own === other || allowed(own).has(other)) return undefined;
  return `${from} imports ${target}`;
}

function brokenLibrary(from: string, specifier: string): string | undefined {
  const [scope = specifier] = specifier.split('/');
  const homes = LIBRARY_HOME[specifier] ?? LIBRARY_HOME[scope] ?? [];
  return homes.some((home) => from.startsWith(home)) ? undefined : `${from} imports the library ${specifier}`;
}

/** Circles of files: strongly connected components of more than one file (Tarjan 1972). */
function circles(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (file: string): number => {
    const own = order.size;
    order.set(file, own);
    low.set(file, own);
    stack.push(file);
    for (const next of graph.get(file) ?? []) {
      if (!order.has(next)) low.set(file, Math.min(low.get(file) ?? own, visit(next)));
      else if (stack.includes(next)) low.set(file, Math.min(low.get(file) ?? own, order.get(next) ?? own));
    }
    if (low.get(file) === own) {
      const circle = stack.splice(stack.indexOf(file));
      if (circle.length > 1) found.push(circle.sort());
    }
    return low.get(file) ?? own;
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
}

/** Texts of string literals and templates, apart from import paths and what only a programmer's mistake would show. */
function textsOf({ tree }: Source): readonly string[] {
  return nodesOf(tree)
    .filter(
      (node) => ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node),
    )
    .filter((node) => !ts.isImportDeclaration(node.parent) && !ts.isExportDeclaration(node.parent))
    .filter((node) => !isProgrammersError(node.parent))
    .map((node) => node.getText(tree));
}

const isProgrammersError = (node: ts.Node): boolean =>
  ts.isNewExpression(node) && /^(?:RangeError|TypeError|Error)$/.test(node.expression.getText());

describe('architecture', () => {
  it('finds the sources it is about', () => {
    expect(sources.map(({ file }) => file)).toContain('cli.ts');
  });

  it('lets every room import only what its place in the house allows', () => {
    const broken = sources.flatMap(({ file, imports }) => imports.map((specifier) => brokenImport(file, specifier)));
    expect(broken.filter((line) => line !== undefined)).toEqual([]);
  });

  it('lets the command line and the library enter a stage only by its front door', () => {
    const inside = sources
      .filter(({ file }) => ['cli', 'index.ts'].includes(roomOf(file)))
      .flatMap(({ file, imports }) =>
        imports
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => targetOf(file, specifier))
          .filter((target) => STAGES.includes(roomOf(target)) && !target.endsWith('/index.ts'))
          .map((target) => `${file} imports ${target}`),
      );
    expect(inside).toEqual([]);
  });

  it('has no circle of files, types included', () => {
    const graph = new Map(
      sources.map(({ file, imports }) => [
        file,
        imports.filter((specifier) => specifier.startsWith('.')).map((specifier) => targetOf(file, specifier)),
      ]),
    );
    expect(circles(graph)).toEqual([]);
  });

  it('has no folder that is not a room of the design', () => {
    const rooms = new Set(sources.filter(({ file }) => file.includes('/')).map(({ file }) => roomOf(file)));
    const known = [...STAGES, 'process', 'model', 'experiment', 'reporting', 'advise', 'fleet', 'cli'];
    expect([...rooms].filter((room) => !known.includes(room))).toEqual([]);
  });

  it('has at most about 15 files in a folder, apart from one per command and one per group of options', () => {
    const folders = new Map<string, number>();
    for (const { file } of sources) folders.set(dirname(file), (folders.get(dirname(file)) ?? 0) + 1);
    expect(
      [...folders].filter(([folder, count]) => count > 18 && !['cli/commands', 'cli/options'].includes(folder)),
    ).toEqual([]);
  });

  it('lets only cli.ts touch the terminal', () => {
    const touching = sources
      .filter(({ file }) => file !== 'cli.ts' && !file.startsWith('report/page/'))
      .filter(({ tree }) =>
        /(?<!lxc\.)\bconsole\.|process\.(?:argv|exitCode|exit\(|stdout|stderr|stdin)/.test(tree.text),
      );
    expect(touching.map(({ file }) => file)).toEqual([]);
  });

  it('has no sentence in statistics, which gives numbers and codes', () => {
    const sentences = sources
      .filter(({ file }) => roomOf(file) === 'statistics')
      .flatMap((source) =>
        textsOf(source)
          .filter((text) => /[A-Za-z,]+ [a-z]+ [a-z]+/.test(text))
          .map((text) => `${source.file}: ${text}`),
      );
    expect(sentences).toEqual([]);
  });

  it('lets nothing below the command line name its parser or see its raw options', () => {
    const seeing = sources
      .filter(({ file }) => ['experiment', 'reporting', 'advise', 'fleet'].includes(roomOf(file)))
      .filter(({ tree }) => /\bargv\b|\bcommander\b/.test(tree.text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')));
    expect(seeing.map(({ file }) => file)).toEqual([]);
  });

  it('has no module named utils or helpers', () => {
    const vague = sources.filter(({ file }) => /(?:^|\/)(?:utils?|helpers?|common|misc)(?:\.ts|\/)/.test(file));
    expect(vague.map(({ file }) => file)).toEqual([]);
  });
});
