import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { loadScenarioFile } from '../../src/scenario/index.js';

const ROOT = resolve(import.meta.dirname, '../..');

/** Every Markdown file that git knows or would add. */
const documents: readonly string[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'],
  { cwd: ROOT, encoding: 'utf8' },
)
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)));

interface Link {
  readonly from: string;
  readonly line: number;
  readonly target: string;
}

/** The text without fenced blocks and code spans, where brackets mean nothing; line numbers stay. */
function prose(text: string): readonly string[] {
  let fenced = false;
  return text.split('\n').map((line) => {
    const fence = line.startsWith('```');
    if (fence) fenced = !fenced;
    return fence || fenced ? '' : line.replaceAll(/`[^`]*`/g, (code) => code.replaceAll(/[[\]()]/g, ' '));
  });
}

/** Links and pictures; a link's text may run over a line. */
function linksIn(path: string): readonly Link[] {
  const text = prose(readFileSync(join(ROOT, path), 'utf8')).join('\n');
  return [...text.matchAll(/\]\(([^()\s]+)\)/g)].map((match) => ({
    from: path,
    line: text.slice(0, match.index).split('\n').length,
    target: match[1] ?? '',
  }));
}

/** GitHub's anchors: lower case, punctuation dropped, spaces to hyphens, doubles numbered. */
function anchorsOf(path: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const heading = /^#{1,6} +(.*)$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

function faultOf({ from, target }: Link): string | undefined {
  if (/^[a-z]+:/.test(target))
    return /^https:\/\/[a-z0-9.-]+\.[a-z]{2,}(?:\/\S*)?$/.test(target) ? undefined : 'expected an https address';
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? join(ROOT, from) : resolve(ROOT, dirname(from), path);
  if (relative(ROOT, file).startsWith('..')) return 'leads out of the repository';
  if (!existsSync(file)) return 'no such file';
  if (anchor === undefined) return undefined;
  if (!statSync(file).isFile() || !file.endsWith('.md')) return 'an anchor in something that is not Markdown';
  return anchorsOf(file).has(anchor) ? undefined : `no heading #${anchor}`;
}

describe('the documents', () => {
  it('are found', () => {
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/method.md']));
  });

  it('have links that lead somewhere, anchors too', () => {
    const broken = documents.flatMap((path) =>
      linksIn(path).flatMap((link) => {
        const fault = faultOf(link);
        return fault === undefined ? [] : [`${link.from}:${link.line}: ${link.target}: ${fault}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  it('are all reached from the README', () => {
    const reached = new Set(['README.md']);
    for (const path of reached) {
      for (const { target } of linksIn(path)) {
        const file = relative(ROOT, resolve(ROOT, dirname(path), target.split('#')[0] ?? ''));
        if (documents.includes(file)) reached.add(file);
        const index = join(file, 'README.md');
        if (documents.includes(index)) reached.add(index);
      }
    }
    const ours = documents.filter((path) => path.startsWith('docs/') || !path.includes('/'));
    expect(ours.filter((path) => !reached.has(path))).toEqual([]);
  });

  it('name images and packages of the version that this is', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
    const named = documents.flatMap((path) =>
      [...readFileSync(join(ROOT, path), 'utf8').matchAll(/seccomp-bench[:-](\d+\.\d+\.\d+(?:-[a-z]+\.\d+)?)/g)].map(
        ([, found]) => `${path}: ${found ?? ''}`,
      ),
    );
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((one) => !one.endsWith(`: ${version}`))).toEqual([]);
  });

  it('keep the README short: at most 10 KB', () => {
    expect(Buffer.byteLength(readFileSync(join(ROOT, 'README.md')))).toBeLessThanOrEqual(10_000);
  });

  it('have a number and the same headings in every decision', () => {
    const decisions = documents.filter((path) => /^docs\/decisions\/\d/.test(path));
    expect(decisions.map((path) => Number(/\/(\d{4})-/.exec(path)?.[1]))).toEqual(
      decisions.map((_, index) => index + 1),
    );
    for (const path of decisions) {
      const headings = [...readFileSync(join(ROOT, path), 'utf8').matchAll(/^## (.*)$/gm)].map((match) => match[1]);
      expect([path, ...headings]).toEqual([path, 'Situation', 'Decision', 'Consequences']);
    }
  });
});

describe('the code', () => {
  it('cites sections of docs/method.md that exist', () => {
    const sections = new Set(
      [...readFileSync(join(ROOT, 'docs/method.md'), 'utf8').matchAll(/^## (\d+)\./gm)].map((match) => match[1]),
    );
    const sources = execFileSync('git', ['ls-files', 'src', 'calibrate', 'perf', 'scripts'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const cited = sources
      .split('\n')
      .filter((path) => /\.m?ts$|\.mjs$/.test(path) && existsSync(join(ROOT, path)))
      .flatMap((path) =>
        [...readFileSync(join(ROOT, path), 'utf8').matchAll(/method\.md,? section (\d+)/g)].map(
          (match) => `${path}: section ${match[1] ?? ''}`,
        ),
      );
    expect(cited.filter((citation) => !sections.has(/\d+$/.exec(citation)?.[0]))).toEqual([]);
  });
});

describe('the scenarios in docs/scenarios.md', () => {
  const text = readFileSync(join(ROOT, 'docs/scenarios.md'), 'utf8');
  const scenarios = [...text.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');

  it('are accepted as scenario files', () => {
    expect(scenarios.length).toBeGreaterThan(3);
    const folder = mkdtempSync(join(tmpdir(), 'bench-scenarios-'));
    try {
      for (const [index, scenario] of scenarios.entries()) {
        writeFileSync(join(folder, `${index}.json`), scenario);
        const places = { cwd: folder, packageRoot: ROOT };
        const { scenario: read } = loadScenarioFile(`${index}`, places);
        expect(read.name).toBe(`${index}`);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('come with tables that name every property of the schema', () => {
    const schema = JSON.parse(readFileSync(join(ROOT, 'scenarios/scenario.schema.json'), 'utf8')) as {
      readonly oneOf: readonly { readonly properties: object }[];
      readonly definitions: { readonly program: { readonly properties: object } };
    };
    const properties = [
      ...schema.oneOf.flatMap((kind) => Object.keys(kind.properties)),
      ...Object.keys(schema.definitions.program.properties),
    ].filter((name) => name !== '$schema');
    expect(properties.filter((name) => !text.includes(`| \`${name}\` |`))).toEqual([]);
  });
});

describe('the messages in docs/troubleshooting.md', () => {
  /** What every kind of message in errors.ts adds by itself; `…` stands for what differs. */
  const JOINTS = new RegExp(
    [
      '…',
      ' not found in ',
      ' cannot be combined with ',
      ' requires ',
      ' is required',
      ': expected ',
      ', got ',
      ' is not ',
      'could not (?:read|write|create|remove) ',
    ].join('|'),
  );
  const messages = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8')
    .split('\n')
    .flatMap((line) => /^\| `([^`]+)` \|/.exec(line)?.[1] ?? []);

  it('are those of the code, piece by piece', () => {
    const texts = textsIn(join(ROOT, 'src')).join('\n');
    const foreign = messages.filter((message) =>
      message.split(JOINTS).some((piece) => !texts.includes(piece.trim().replace(/^"|"$/g, ''))),
    );
    expect(messages.length).toBeGreaterThan(40);
    expect(foreign).toEqual([]);
  });
});

/** Texts of all sources, `…` in place of what a template or a sum of texts fills in. */
function textsIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const tree = ts.createSourceFile(file, readFileSync(join(folder, file), 'utf8'), ts.ScriptTarget.ES2022);
      const texts: string[] = [];
      const visit = (node: ts.Node): void => {
        const text = textOf(node);
        if (text !== undefined) texts.push(text);
        node.forEachChild(visit);
      };
      visit(tree);
      return texts;
    });
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…');
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined && right === undefined ? undefined : `${left ?? '…'}${right ?? '…'}`;
}
