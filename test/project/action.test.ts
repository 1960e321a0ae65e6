import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLES = join(ROOT, 'examples/ci');
const FILES = readdirSync(EXAMPLES);
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly 'timeout-minutes': number; readonly steps: readonly Step[] }>>;
}

const OWN = 'OWNER/seccomp-bench@COMMIT';
const inputs = (parse(read('action.yml')) as { readonly inputs: object }).inputs;

describe('the examples for CI', () => {
  it.each(FILES)('%s pins every action by a full commit, with its version', (file) => {
    const used = [...read(`examples/ci/${file}`).matchAll(/uses: (.*)$/gm)].map((match) => match[1] ?? '');
    expect(used).toContain(OWN);
    for (const one of used) if (one !== OWN) expect(one).toMatch(/^actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it.each(FILES)('%s uses inputs that the action has, ends in time and may do no more than it says', (file) => {
    const { permissions, jobs } = parse(read(`examples/ci/${file}`)) as Workflow;
    expect(permissions['contents']).toBe('read');
    const steps = Object.values(jobs).flatMap((job) => job.steps);
    for (const { uses, with: given = {} } of steps)
      if (uses === OWN) expect(Object.keys(given).filter((name) => !(name in inputs))).toEqual([]);
    for (const { run = '' } of steps) expect(run).not.toContain('${{');
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
  });

  it('pin one version of each action everywhere', () => {
    const own = ['benchmark', 'checks', 'release'].map((name) => `.github/workflows/${name}.yml`);
    const examples = FILES.map((file) => `examples/ci/${file}`);
    const texts = [...own, ...examples, 'action.yml', 'docs/ci.md'].map(read).join('\n');
    const pinned = new Set(
      [...texts.matchAll(/(actions\/[\w-]+)@([0-9a-f]{40} # \S+)/g)].map(([, name, at]) => `${name!} ${at!}`),
    );
    const names = [...pinned].map((one) => one.split(' ')[0]);
    expect(names).toHaveLength(new Set(names).size);
  });
});

describe('docs/ci.md', () => {
  it('names every output of the action, and scripts that exist', () => {
    const { outputs } = parse(read('action.yml')) as { readonly outputs: object };
    const table = read('docs/ci.md').split('## Outputs')[1]?.split('\n## ')[0] ?? '';
    expect(Object.keys(outputs).filter((name) => !table.includes(`\`${name}\``))).toEqual([]);
    expect(existsSync(join(ROOT, 'ci/measure.sh'))).toBe(true);
  });
});
