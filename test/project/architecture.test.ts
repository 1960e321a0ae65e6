import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../src');
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
  'report',
];
/** `process` is a base layer: these stages may build on it. */
const MAY_LAUNCH = new Set(['engine', 'payload', 'host', 'tracing', 'filter']);
/** Each library has one home. */
const LIBRARY_HOME: Readonly<Record<string, readonly string[]>> = {
  koffi: ['process/', 'filter/'],
  execa: ['process/'],
  dockerode: ['engine/docker'],
  'chart.js': ['report/'],
  'chartjs-node-canvas': ['report/canvas'],
  'chartjs-chart-error-bars': ['report/'],
  canvas: ['report/canvas'],
  tinybench: ['results/'],
  commander: ['cli/'],
  ajv: ['scenario/'],
  'pure-rand': ['scenario/'],
};
const STDLIB_HOME = 'statistics/';

interface Import {
  readonly from: string;
  readonly to: string;
}

function sourceFiles(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  const pattern = /(?:from\s+|import\s*\(\s*|import\s+)'([^']+)'/g;
  return [...text.matchAll(pattern)].map((match) => ({ from: file, to: match[1] ?? '' }));
}

const layerOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : file.replace(/\.ts$/, ''));

/** Names the rule an import breaks, or nothing. */
function broken({ from, to }: Import): string | undefined {
  const layer = layerOf(from);
  if (to.startsWith('node:')) return undefined;
  if (!to.startsWith('.')) return brokenLibrary(from, to);
  const target = relative(SRC, resolve(SRC, dirname(from), to)).replace(/\.js$/, '.ts');
  const targetLayer = layerOf(target);
  if (target.startsWith('..')) return `${from} imports ${to}, outside src`;
  if (targetLayer === layer) return undefined;
  const allowed = allowedLayers(layer);
  return allowed === 'all' || allowed.has(targetLayer) ? undefined : `${from} imports ${target}`;
}

function allowedLayers(layer: string): Set<string> | 'all' {
  if (layer === 'errors') return new Set();
  if (layer === 'model') return new Set(['errors']);
  if (layer === 'process') return new Set(['model', 'errors']);
  if (layer === 'cli') return new Set(['cli', 'errors', 'model']);
  if (layer === 'cli') return new Set([...STAGES, 'process', 'model', 'errors']);
  if (layer === 'index') return 'all';
  return new Set(['model', 'errors', ...(MAY_LAUNCH.has(layer) ? ['process'] : [])]);
}

function brokenLibrary(from: string, to: string): string | undefined {
  const name = to.startsWith('@') ? to.split('/').slice(0, 2).join('/') : (to.split('/')[0] ?? to);
  const homes = name.startsWith('@stdlib/') ? [STDLIB_HOME] : (LIBRARY_HOME[name] ?? []);
  return homes.some((home) => from.startsWith(home)) ? undefined : `${from} imports the library ${name}`;
}

describe('architecture', () => {
  const files = sourceFiles();

  it('finds the sources it is about', () => {
    expect(files).toContain('cli.ts');
  });

  it('lets stages import only model, errors and, where they launch, launch', () => {
    expect(
      files
        .flatMap(importsOf)
        .map(broken)
        .filter((line) => line !== undefined),
    ).toEqual([]);
  });

  it('has no folder that is not a layer of the design', () => {
    const layers = new Set(files.filter((file) => file.includes('/')).map(layerOf));
    expect([...layers].filter((layer) => ![...STAGES, 'process', 'model', 'cli'].includes(layer))).toEqual([]);
  });

  it('lets only cli.ts talk to the terminal', () => {
    const talkers = files.filter(
      (file) =>
        file !== 'cli.ts' &&
        !file.startsWith('report/page/') &&
        /(?<!lxc\.)\bconsole\.|process\.(?:argv|exitCode|exit\(|stdout|stderr|stdin)/.test(
          readFileSync(join(SRC, file), 'utf8'),
        ),
    );
    expect(talkers).toEqual([]);
  });

  it('has no module named utils or helpers', () => {
    expect(files.filter((file) => /(?:^|\/)(?:utils?|helpers?|common|misc)(?:\.ts|\/)/.test(file))).toEqual([]);
  });
});
