import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { takeFingerprint } from '../../src/host/index.js';
import type { ContainerSample } from '../../src/model/results/sample.js';
import { makeScenario, planBlocks, scenarioHash } from '../../src/scenario/index.js';
import { createResultFolder } from '../../src/results/index.js';

const ROOT = resolve(import.meta.dirname, '../..');
const VERSION = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly bundled: readonly string[];
  readonly files: readonly { readonly path: string }[];
}
interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder = '';
let packed: Packed = { filename: '', size: 0, bundled: [], files: [] };
let packing: Record<'before' | 'after', readonly string[]> = { before: [], after: [] };
let installation: Ended | 'offline' = 'offline';

function call(file: string, args: readonly string[], cwd: string): Ended {
  const { status, stdout, stderr } = spawnSync(file, args, {
    cwd,
    encoding: 'utf8',
    timeout: 240_000,
    maxBuffer: 2 ** 26,
  });
  return { code: status, stdout, stderr };
}

/** The installed command, from a folder that holds nothing else of the project. */
const bench = (...args: readonly string[]): Ended =>
  call(join(folder, 'app/node_modules/.bin/bench'), args, join(folder, 'app'));

const QUIET = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-package-'));
  mkdirSync(join(folder, 'app'));
  const copy = stagedCopy();
  const before = stateOf(join(copy, 'dist'));
  const pack = call('npm', ['pack', '--json', '--pack-destination', folder], copy);
  packed = (JSON.parse(pack.stdout.slice(pack.stdout.indexOf('[\n'))) as [Packed])[0];
  packing = { before, after: stateOf(join(copy, 'dist')) };
  const online =
    call('npm', ['view', 'commander@14.0.0', 'version', '--fetch-retries=0', '--fetch-timeout=10000'], folder).code ===
    0;
  if (!online) return;
  installation = call(
    'npm',
    ['install', ...QUIET, '--prefix', '.', join(folder, packed.filename)],
    join(folder, 'app'),
  );
}, 300_000);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A copy to pack, whose sources a test may change. */
function stagedCopy(): string {
  const copy = join(folder, 'source');
  // Of node_modules only what is bundled; of results and reports none of the user's own.
  const left =
    /^(?:\.git|(?:results|reports)\/\d.*|node_modules\/(?!(?:canvas|chart\.js|chartjs-chart-error-bars|chartjs-node-canvas|@kurkle|tslib)(?:\/|$)).*)$/;
  cpSync(ROOT, copy, { recursive: true, verbatimSymlinks: true, filter: (path) => !left.test(relative(ROOT, path)) });
  return copy;
}

/** Every file of a folder, with what changes where it is written or replaced. */
const stateOf = (path: string): readonly string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { ino, mtimeMs, size } = statSync(join(path, name));
      return `${name} ${ino} ${mtimeMs} ${size}`;
    });

function installed(ctx: TestContext): void {
  if (installation === 'offline') ctx.skip('the npm registry does not answer');
  expect(installation).toMatchObject({ code: 0 });
}

describe('the lock file', () => {
  // npm 11 installs from a lock whose optional peers do not fit; npm 10, which comes with Node 20 and 22, refuses it.
  it('suits every npm: each package gets the version it asks for', () => {
    expect(call('npm', ['ls', '--all', '--package-lock-only'], ROOT)).toMatchObject({ code: 0 });
  });

  it('needs no overrides, which npm 9 cannot read where they lead to a folder', () => {
    expect(readFileSync(join(ROOT, 'package.json'), 'utf8')).not.toContain('"overrides"');
  });
});

describe('packing', () => {
  it('leaves every file of dist/ as it is, under a bench that runs from it', () => {
    expect(packing.before.length).toBeGreaterThan(100);
    expect(packing.after).toEqual(packing.before);
  });

  it('gives the README links to the repository of package.json, and leaves the file as it was', () => {
    const copy = join(folder, 'linked');
    cpSync(join(folder, 'source'), copy, { recursive: true, verbatimSymlinks: true });
    // Another package.json wants another dist/, which the copy cannot build.
    const own = JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8')) as { readonly scripts: object };
    const scripts = { ...own.scripts, prepare: 'true', prepack: 'node scripts/readme.mjs --pack' };
    const changed = { ...own, repository: 'git+https://example.org/owner/name.git', scripts };
    writeFileSync(join(copy, 'package.json'), JSON.stringify(changed));
    const readme = readFileSync(join(copy, 'README.md'), 'utf8');
    expect(call('npm', ['pack', '--pack-destination', copy], copy)).toMatchObject({ code: 0 });
    expect(readFileSync(join(copy, 'README.md'), 'utf8')).toBe(readme);
    const { stdout } = call('tar', ['-xzOf', join(copy, packed.filename), 'package/README.md'], copy);
    expect(stdout).toContain(`](https://example.org/owner/name/blob/v${VERSION}/docs/method.md)`);
    expect(stdout).toContain(
      `](https://example.org/owner/name/raw/v${VERSION}/reports/example-x86_64-runc/change.png)`,
    );
  });

  it('refuses a dist/ that is not what the sources give, and leaves it too', () => {
    const copy = join(folder, 'source');
    const source = join(copy, 'src/index.ts');
    const text = readFileSync(source, 'utf8');
    writeFileSync(source, `${text}// changed\n`);
    const { code, stderr } = call('npm', ['pack', '--dry-run'], copy);
    expect([code, stderr]).toEqual([1, expect.stringContaining('dist/ is not what the sources give: npm run build')]);
    expect(stateOf(join(copy, 'dist'))).toEqual(packing.before);
    writeFileSync(source, text);
  });

  it('follows builds that replace dist/ whole, or not at all where they fail', () => {
    const copy = join(folder, 'source');
    // The copy has no compiler.
    expect(call('npm', ['run', 'build'], copy).code).not.toBe(0);
    expect(stateOf(join(copy, 'dist'))).toEqual(packing.before);
    expect(readdirSync(copy).filter((name) => name.startsWith('.dist-'))).toEqual([]);
  });
});

describe('the packed package', () => {
  const has = (path: string): boolean => packed.files.some((file) => file.path === path);

  it('holds all that the command needs at run time', () => {
    const needed = [
      'package.json',
      'LICENSE',
      'CHANGELOG.md',
      'SECURITY.md',
      'README.md',
      'action.yml',
      'templates/seccomp-bench.yml',
      'docs/method.md',
      'man/bench.1',
      'schemas/results.schema.json',
      'sbom.cdx.json',
      'ci/measure.sh',
      'ci/gitlab-note.sh',
      'dist/cli.js',
      'dist/cli/main.js',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/report/page.js',
      'scenarios/scenario.schema.json',
      'scenarios/quick.json',
      'scenarios/isulad-arm64-parallel-150.json',
      ...['x86_64', 'aarch64'].flatMap((machine) =>
        ['payload', 'caller', 'loader', 'gate', 'bpf-build', 'probe32'].map((name) => `payload/bin/${machine}/${name}`),
      ),
    ];
    expect(needed.filter((path) => !has(path))).toEqual([]);
  });

  it('holds nothing that only the repository needs', () => {
    const foreign = packed.files.filter(({ path }) =>
      /^(?:src|test|perf|scripts|vendor|deploy|\.ci|\.github)\/|^(?:results|reports)\/(?!README|example-)|^calibrate\/.*js$/.test(
        path,
      ),
    );
    expect(foreign).toEqual([]);
  });

  it('holds every file that its documents lead to, but those that only the repository has', () => {
    const documents = packed.files.map(({ path }) => path).filter((path) => /^(?!node_modules).*\.md$/.test(path));
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/ci.md', 'calibrate/README.md']));
    const missing = documents.flatMap((from) =>
      [...readFileSync(join(folder, 'source', from), 'utf8').matchAll(/\]\((?![a-z]+:|#)([^()\s#]+)[^()\s]*\)/g)]
        .map(([, target = '']) => join(dirname(from), target))
        .filter((target) => !has(target) && !packed.files.some(({ path }) => path.startsWith(`${target}/`)))
        .map((target) => `${from}: ${target}`),
    );
    expect(missing.filter((one) => !/: (?:\.github|test)\//.test(one))).toEqual([]);
    expect(missing.filter((one) => one.startsWith('README.md'))).toEqual([]);
  });

  // A registry cannot give the package its canvas; npm takes everything a bundled library needs, peers too, for bundled
  // as well.
  it('brings canvas, what draws on it, and what that needs, and no other library', () => {
    expect([...packed.bundled].sort()).toEqual([
      '@kurkle/color',
      'canvas',
      'chart.js',
      'chartjs-chart-error-bars',
      'chartjs-node-canvas',
      'tslib',
    ]);
  });

  // Half of it is chart.js, which comes with all its builds and their maps; a tenth is documents.
  it('is smaller than 4.5 MiB', () => {
    expect(packed.size).toBeGreaterThan(50_000);
    expect(packed.size).toBeLessThan(4.5 * 2 ** 20);
  });
});

describe('the package, installed from its tarball without install scripts', () => {
  it('loads every library that has one', (ctx) => {
    installed(ctx);
    const loaded = "for (const name of ['koffi', 'ssh2', 'protobufjs']) require(name)";
    expect(call(process.execPath, ['-e', loaded], join(folder, 'app'))).toMatchObject({ code: 0, stderr: '' });
  });

  it('prints help and version', (ctx) => {
    installed(ctx);
    expect(bench('--help')).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^Usage: bench /) as string,
    });
    expect(bench('--version')).toEqual({ code: 0, stderr: '', stdout: `${VERSION}\n` });
  });

  it('prints completions that know its scenarios', (ctx) => {
    installed(ctx);
    const { code, stdout } = bench('completion', 'bash');
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/isulad-x86_64-sequential-500.*complete -F _bench bench\n$/s),
    ]);
  });

  it('has a man page', (ctx) => {
    installed(ctx);
    const page = join(folder, 'app/node_modules/seccomp-bench/man/bench.1');
    expect(readFileSync(page, 'utf8')).toContain('.SS bench sequential');
  });

  // What a new user does first: one command in an empty folder.
  it('runs the main job by npx in an empty folder, and leaves results and a report there', (ctx) => {
    installed(ctx);
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const args = [
      'exec',
      '--yes',
      '--prefer-offline',
      '--ignore-scripts',
      '--package',
      join(folder, packed.filename),
      '--',
    ];
    const run = call('npm', [...args, 'bench', 'sequential', '--count', '2', '--engine', 'namespaces', '-q'], empty);
    if (run.stderr.includes('user namespaces')) ctx.skip('this user has no user namespaces');
    expect(run).toMatchObject({ code: 0 });
    expect(readdirSync(empty).sort()).toEqual(['reports', 'results']);
    const [name = ''] = readdirSync(join(empty, 'results'));
    expect(readFileSync(join(empty, 'reports', name, 'index.html'), 'utf8')).toMatch(/^<!doctype html>/i);
  });

  it('can be imported as a library', (ctx) => {
    installed(ctx);
    const program = "console.log(Object.keys(await import('seccomp-bench')).join(' '))";
    const { code, stdout, stderr } = call('node', ['--input-type=module', '--eval', program], join(folder, 'app'));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trim().split(' ')).toEqual(
      expect.arrayContaining([
        ...['loadProfile', 'convertProfile', 'buildFilter', 'startsRequest', 'callsRequest', 'runExperiment'],
        ...['measureAttach', 'measureCapacity', 'writeAttachReport', 'explainAttach'],
        ...['openSession', 'readResults', 'readPercallResults', 'analyse', 'analysePercall', 'writeReport'],
      ]),
    );
  });

  it('converts the built-in profile', (ctx) => {
    installed(ctx);
    const { code, stdout, stderr } = bench('convert', '--arch', 'amd64');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    });
  });

  it('draws a report with PNG charts', (ctx) => {
    installed(ctx);
    const results = exampleResults(join(folder, 'app/results'));
    expect(bench('report', results, '--name', 'example')).toMatchObject({ code: 0 });
    const report = join(folder, 'app/reports/example');
    const pictures = readdirSync(report, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.png'));
    expect(pictures.length).toBeGreaterThan(0);
    for (const picture of pictures) {
      expect(readFileSync(join(report, picture)).subarray(0, 8)).toEqual(
        Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      );
    }
    expect(readFileSync(join(report, 'index.html'), 'utf8')).toMatch(/^<!doctype html>/i);
  });

  // There all libraries lie below the package, and npm leaves out one that it takes for bundled.
  it('draws them as well when it is installed globally', (ctx) => {
    installed(ctx);
    const prefix = join(folder, 'global');
    expect(
      call('npm', ['install', '--global', ...QUIET, '--prefix', prefix, join(folder, packed.filename)], folder),
    ).toMatchObject({ code: 0 });
    // Where man finds it: below the folder next to bin.
    expect(readFileSync(join(prefix, 'share/man/man1/bench.1'), 'utf8')).toContain('.SH NAME');
    const results = exampleResults(join(folder, 'elsewhere/results'));
    expect(call(join(prefix, 'bin/bench'), ['report', results], join(folder, 'elsewhere'))).toMatchObject({ code: 0 });
  });

  it('finds its scenarios from any folder', (ctx) => {
    installed(ctx);
    const { code, stderr } = bench('run', 'no-such-scenario');
    expect(code).toBe(2);
    expect(stderr).toContain(
      'isulad-x86_64-sequential-500, notified-calls, python-control-loop, python-max-sqrt, quick',
    );
  });
});

/** 30 blocks in which `after` takes half the time, written as a run writes them; gives the folder. */
function exampleResults(parent: string): string {
  const scenario = makeScenario({ kind: 'sequential', count: 30, warmup: 0 });
  const writer = createResultFolder(
    parent,
    {
      formatVersion: 1,
      id: 'pack',
      startedAt: '2026-01-02T03:04:05.000Z',
      command: ['sequential'],
      scenario,
      scenarioSha256: scenarioHash(scenario),
      seed: 1,
      engine: { name: 'example', version: 'example 1', path: null, rootless: false, notes: [] },
      pinnedCpu: null,
      capabilities: 'docker',
      kernelForProfile: '6.1',
    },
    takeFingerprint({ bench: VERSION, libseccomp: null, now: () => new Date(0) }),
  );
  writer.writeEvidence([]);
  for (const [block, order] of [
    ...planBlocks(
      scenario.arms.map((arm) => arm.name),
      30,
      1,
    ),
  ].entries()) {
    writer.append(
      order.map((arm, position): ContainerSample => {
        const wallNs = (arm === 'after' ? 20e6 : 40e6) + ((block * 7 + position * 3) % 10) * 1e5;
        return {
          kind: 'container',
          state: 'ok',
          block,
          warmup: false,
          position,
          arm,
          index: 0,
          startNs: block * 2e8 + position * 5e7,
          wallNs,
          userNs: wallNs / 4,
          systemNs: wallNs / 2,
          maxRssKiB: 1000,
          minorFaults: 10,
          majorFaults: 0,
          voluntarySwitches: 5,
          involuntarySwitches: 1,
        };
      }),
    );
  }
  writer.close();
  return writer.path;
}
