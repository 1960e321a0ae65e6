import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { currentFormat, DOCUMENTS, fieldsFile, fieldsOfResults, isSettled } from '../../scripts/formats.mjs';
import { FORMAT_VERSION, FORMAT_VERSIONS } from '../../src/model/results/format.js';

const ROOT = resolve(import.meta.dirname, '../..');
const FORMATS = join(ROOT, 'test/fixtures/formats');

/** Files of the results kept of a format. */
const filesOf = (format: number): readonly string[] =>
  readdirSync(join(FORMATS, String(format)), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** Paths of the values of a JSON value, as fields-N.txt names them. */
function pathsOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, item]) => pathsOf(item, path === '' ? key : `${path}.${key}`));
}

/** The name in fields-N.txt of a file of results; `null`: it is not a document. */
function documentOf(file: string): string | null {
  const name = file.split('/').at(-1) ?? '';
  if (!/^[a-z]+\.jsonl?$/.test(name) || file.includes('/specs/')) return null;
  const isPriced = /-percall-[^/]*$/.test(file.split('/').at(-2) ?? '');
  return isPriced && ['plan.json', 'samples.jsonl'].includes(name) ? `${name} (percall)` : name;
}

describe('the format of results', () => {
  it('does not change without another number', () => {
    expect(currentFormat()).toBe(FORMAT_VERSION);
    const listed = readFileSync(fieldsFile(FORMAT_VERSION), 'utf8');
    const changed = isSettled(FORMAT_VERSION)
      ? 'the format has changed: see test/fixtures/formats/README.md'
      : 'npm run formats writes it';
    expect(fieldsOfResults(), changed).toBe(listed);
  }, 120_000);

  it('is listed, and kept as real results, for every version that is read', () => {
    expect(FORMAT_VERSIONS.map((version) => existsSync(fieldsFile(version)))).not.toContain(false);
    const earlier = FORMAT_VERSIONS.filter((version) => version !== FORMAT_VERSION);
    expect(earlier.map(isSettled)).not.toContain(false);
    expect(earlier.length).toBe(FORMAT_VERSION - 1);
  });

  it('has every document that results can have', () => {
    const source = readFileSync(join(ROOT, 'src/results/files.ts'), 'utf8');
    const files = [...source.matchAll(/_FILE = '([a-z]+\.jsonl?)'/g)].map(([, name]) => name);
    const documents = new Set(DOCUMENTS.map(([name]) => name.replace(' (percall)', '')));
    expect(files.length).toBeGreaterThan(8);
    expect(files.filter((name) => !documents.has(name ?? ''))).toEqual([]);
  });

  const settled = FORMAT_VERSIONS.filter(isSettled);
  it.each(settled)('%i has no field in real results that is not listed', (format) => {
    const lines = readFileSync(fieldsFile(format), 'utf8').trimEnd().split('\n');
    const listed = lines.map((line) => line.slice(0, line.indexOf(': ')).replaceAll('?', ''));
    const patterns = listed.filter((field) => field.includes('*')).map((field) => field.split('*')[0] ?? '');
    const known = new Set(listed);
    const fields = new Set(
      filesOf(format).flatMap((file) => {
        const name = documentOf(file);
        if (name === null) return [];
        const text = readFileSync(file, 'utf8');
        const values = name.startsWith('samples') ? text.trimEnd().split('\n') : [text];
        return values
          .flatMap((one) => JSON.parse(one) as unknown)
          .flatMap((value) => pathsOf(value).map((path) => `${name} ${path}`));
      }),
    );
    expect(fields.size).toBeGreaterThan(100);
    const unlisted = [...fields].filter(
      (field) => !known.has(field) && !patterns.some((start) => field.startsWith(start)),
    );
    expect(unlisted).toEqual([]);
  });
});
