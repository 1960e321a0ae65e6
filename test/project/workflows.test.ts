import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadScenario } from '../../src/scenario/index.js';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly permissions?: object;
  readonly environment?: string;
  readonly 'runs-on': string;
  readonly 'timeout-minutes': number;
  readonly needs?: string;
  readonly steps: readonly Step[];
  readonly strategy?: {
    readonly matrix: {
      readonly node?: readonly number[];
      readonly include?: readonly Readonly<Record<string, string>>[];
    };
  };
}
interface Workflow {
  readonly on: object;
  readonly permissions: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const ROOT = resolve(import.meta.dirname, '../..');
const FOLDER = join(ROOT, '.github/workflows');
const FILES = readdirSync(FOLDER);

const workflow = (file: string): Workflow => parse(readFileSync(join(FOLDER, file), 'utf8')) as Workflow;
const commands = (job: Job | undefined): string => (job?.steps ?? []).map((step) => step.run ?? '').join('\n');
const withOf = (job: Job | undefined, action: string): Readonly<Record<string, unknown>> | undefined =>
  job?.steps.find((step) => step.uses?.startsWith(`actions/${action}@`))?.with;

/** What jobs may beyond reading: only those of a release. */
const MORE: Readonly<Record<string, object>> = {
  'release.yml publish': { contents: 'read', 'id-token': 'write' },
  'release.yml announce': { contents: 'write' },
};

describe('every workflow', () => {
  it('is there', () => {
    expect(FILES.sort()).toEqual(['benchmark.yml', 'checks.yml', 'release.yml']);
  });

  it.each(FILES)('%s may only read unless a job says more, ends in time and starts with files', (file) => {
    const { permissions, jobs } = workflow(file);
    expect(permissions).toEqual({ contents: 'read' });
    for (const [name, job] of Object.entries(jobs)) {
      expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
      expect(job.steps[0]?.uses).toMatch(/^actions\/(?:checkout|download-artifact)@/);
      expect([name, job.permissions]).toEqual([name, MORE[`${file} ${name}`]]);
    }
  });

  it.each(FILES)('%s names actions by a commit, with the version that it is', (file) => {
    const uses = readFileSync(join(FOLDER, file), 'utf8').match(/uses: .*/g) ?? [];
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((use) => !/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(use))).toEqual([]);
  });

  it.each(FILES)('%s puts no expression of an event into a command', (file) => {
    for (const job of Object.values(workflow(file).jobs)) expect(commands(job)).not.toMatch(/\$\{\{(?!\s*matrix\.)/);
  });

  it.each(FILES)('%s runs only scripts and scenarios that the repository has', (file) => {
    for (const job of Object.values(workflow(file).jobs)) {
      const scripts = /npm run ([\w-]+)/g;
      const known = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }).scripts;
      for (const [, script = ''] of commands(job).matchAll(scripts)) expect(Object.keys(known)).toContain(script);
      for (const entry of job.strategy?.matrix.include ?? []) {
        for (const scenario of [entry['sequential'], entry['parallel']]) {
          if (scenario !== undefined) expect(existsSync(join(ROOT, `scenarios/${scenario}.json`)), scenario).toBe(true);
        }
      }
    }
  });
});

describe('the checks', () => {
  it('run on Node 20, 22 and 24 through .ci/run, which can be executed', () => {
    const { checks } = workflow('checks.yml').jobs;
    expect(checks?.strategy?.matrix.node).toEqual([20, 22, 24]);
    expect(commands(checks)).toContain('.ci/run');
    expect(() => {
      accessSync(join(ROOT, '.ci/run'), constants.X_OK);
    }).not.toThrow();
  });
});

describe('the benchmark', () => {
  const { measure, report } = workflow('benchmark.yml').jobs;
  const runners = measure?.strategy?.matrix.include ?? [];

  it('measures the published cases of each architecture on a runner of that architecture', () => {
    expect(runners.map((entry) => [entry['architecture'], entry['runner']])).toEqual([
      ['x86_64', 'ubuntu-24.04'],
      ['arm64', 'ubuntu-24.04-arm'],
    ]);
    for (const entry of runners) {
      const architecture = entry['architecture'] === 'arm64' ? 'aarch64' : 'x86_64';
      for (const kind of ['sequential', 'parallel']) {
        const scenario = loadScenario(entry[kind] ?? '', { cwd: ROOT, packageRoot: ROOT });
        expect([scenario.kind, scenario.architecture]).toEqual([kind, architecture]);
      }
    }
  });

  it('hands what it measured to one report, which is kept and summarised', () => {
    expect(withOf(measure, 'upload-artifact')).toMatchObject({ name: 'results-${{ matrix.architecture }}' });
    expect(report?.needs).toBe('measure');
    const from = withOf(report, 'download-artifact');
    expect(from).toMatchObject({ pattern: 'results-*', 'merge-multiple': true });
    const name = /bench -- report (\S+)\/\* --name (\S+)/.exec(commands(report));
    expect(name?.[1]).toBe(from?.['path']);
    expect(commands(report)).toContain(`cat reports/${name?.[2] ?? ''}/summary.md >> "$GITHUB_STEP_SUMMARY"`);
    expect(withOf(report, 'upload-artifact')?.['path']).toBe(`reports/${name?.[2] ?? ''}/`);
  });
});

describe('the release', () => {
  const { pack, publish, announce } = workflow('release.yml').jobs;

  it('checks the tag before all else, and packs what passed every check', () => {
    const lines = commands(pack);
    const order = ['node scripts/release.mjs "$GITHUB_REF_NAME"', '.ci/run', 'npm run build', 'npm pack'];
    const places = order.map((command) => lines.indexOf(command));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((one, other) => one - other));
  });

  it('publishes that tarball with provenance, a pre-release under another tag than latest', () => {
    expect([publish?.needs, announce?.needs]).toEqual(['pack', 'publish']);
    expect(publish?.environment).toBe('npm');
    expect(withOf(publish, 'download-artifact')?.['name']).toBe(withOf(pack, 'upload-artifact')?.['name']);
    expect(commands(publish)).toMatch(/npm publish \.\/seccomp-bench-\*\.tgz --provenance .*--tag "\$tag"/);
    expect(commands(publish)).toContain('*-*) tag=next ;; *) tag=latest ;;');
    expect(JSON.stringify(workflow('release.yml'))).not.toContain('secrets.');
  });

  it('has the section of the changelog as its text', () => {
    expect(commands(pack)).toContain('> notes.md');
    expect(commands(announce)).toContain('--notes-file notes.md');
  });
});
