import { resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../src');
const INDEX = resolve(SRC, 'index.ts');

const program = ts.createProgram([INDEX], {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  types: ['node'],
  strict: true,
  skipLibCheck: true,
});
const checker = program.getTypeChecker();

const original = (symbol: ts.Symbol): ts.Symbol =>
  (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;

/** Of this project, and not private to its file: then only its members are seen. */
const isOurs = (symbol: ts.Symbol): boolean =>
  symbol.declarations?.some(
    (declaration) =>
      declaration.getSourceFile().fileName.startsWith(SRC) &&
      (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export) !== 0,
  ) === true;

/** What a user of a declaration sees of it: no bodies, no values, no private members. */
function visibleParts(node: ts.Node): readonly ts.Node[] {
  if (ts.isFunctionLike(node))
    return [...node.parameters, ...(node.typeParameters ?? []), ...(node.type === undefined ? [] : [node.type])];
  if (ts.isVariableDeclaration(node)) {
    const { type, initializer } = node;
    if (type !== undefined) return [type];
    return initializer !== undefined && ts.isArrowFunction(initializer) ? visibleParts(initializer) : [];
  }
  if (ts.isClassLike(node))
    return node.members.filter(
      (member) => (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) === 0 && !isPrivateName(member.name),
    );
  return node.getChildren();
}

const isPrivateName = (name: ts.Node | undefined): boolean => name !== undefined && ts.isPrivateIdentifier(name);

/** Symbols of the types that a declaration names where users see them. */
function mentioned(node: ts.Node): readonly ts.Symbol[] {
  const own = ts.isTypeReferenceNode(node)
    ? checker.getSymbolAtLocation(node.typeName)
    : ts.isExpressionWithTypeArguments(node)
      ? checker.getSymbolAtLocation(node.expression)
      : undefined;
  const isHidden = ts.isBlock(node) || ts.isJSDoc(node);
  return isHidden ? [] : [...(own === undefined ? [] : [original(own)]), ...visibleParts(node).flatMap(mentioned)];
}

function exportedSymbols(): readonly ts.Symbol[] {
  const source = program.getSourceFile(INDEX);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  return module === undefined ? [] : checker.getExportsOfModule(module).map(original);
}

describe('the library', () => {
  const exported = exportedSymbols();

  it('exports every type that its functions and types mention', () => {
    const known = new Set(exported);
    const missing = exported.flatMap((symbol) =>
      (symbol.declarations ?? [])
        .flatMap(mentioned)
        .filter((type) => isOurs(type) && !known.has(type) && (type.flags & ts.SymbolFlags.TypeParameter) === 0)
        .map((type) => `${type.name} (in ${symbol.name})`),
    );
    expect([...new Set(missing)].sort()).toEqual([]);
  });

  it('documents every function and class it exports', () => {
    const values = namedExports()
      .map((name) => checker.getSymbolAtLocation(name))
      .filter((one) => one !== undefined);
    const silent = values.map(original).filter((symbol) => symbol.getDocumentationComment(checker).length === 0);
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});

/** What is exported one by one, types apart. */
function namedExports(): readonly ts.Node[] {
  return (program.getSourceFile(INDEX)?.statements ?? []).flatMap((statement) =>
    ts.isExportDeclaration(statement) && statement.exportClause !== undefined && !statement.isTypeOnly
      ? ts.isNamedExports(statement.exportClause)
        ? statement.exportClause.elements.filter(({ isTypeOnly }) => !isTypeOnly).map(({ name }) => name)
        : []
      : [],
  );
}
