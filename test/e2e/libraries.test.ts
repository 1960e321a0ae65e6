import { readFileSync, writeFileSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { riskOfSpec } from '../../src/filter/build/guard/guarded.js';
import { buildFilter } from '../../src/filter/index.js';
import type { SeccompSpec } from '../../src/model/profile/seccomp.js';
import type { ArmEvidence } from '../../src/model/run/evidence.js';
import type { RunsSummary } from '../../src/report/run/summary.js';
import { copiedLibrary, hasCompiler, ownLibrary, shimLibrary } from '../unit/filter/libraries.js';
import { FAKE, needs, needsRoot, PrivateSandbox } from './bench.js';
import { needRoot } from './containers.js';

const sandbox = new PrivateSandbox();
const own = ownLibrary();
beforeAll(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const SHORT = ['--count', '2', '--warmup', '0', '--no-report', '--json'];

interface Told {
  readonly status: number | null;
  readonly stderr: string;
  readonly loaded: string | null | undefined;
  readonly evidence: readonly ArmEvidence[];
}

function ab(args: readonly string[]): Told {
  const { status, stdout, stderr } = sandbox.bench(['ab', ...args, ...SHORT]);
  const run = stdout === '' ? undefined : (JSON.parse(stdout) as RunsSummary).runs[0];
  return {
    status,
    stderr,
    loaded: run?.verdicts[0]?.loaded,
    evidence: run?.arms.flatMap(({ evidence }) => evidence ?? []) ?? [],
  };
}

const instructions = ({ loaded }: ArmEvidence): number =>
  loaded.state === 'seen' ? loaded.programs.reduce((sum, program) => sum + program.instructions, 0) : NaN;

describe('two libseccomps, interleaved in one run', () => {
  it.skipIf(!hasCompiler).for(['namespaces', 'runc', 'crun', 'lxc'])(
    'are loaded by %s, each by its arm, as the containers show',
    (engine, ctx) => {
      needRoot(ctx);
      needsRoot(ctx);
      if (engine !== 'namespaces') needs(ctx, engine === 'lxc' ? 'lxc-start' : engine);
      const other = shimLibrary(sandbox.folder, 'tree');
      const { status, stderr, loaded, evidence } = ab(
        ['--engine', engine, '--label-a', 'own', '--label-b', 'other', '--a', `libseccomp=${own}`].concat([
          '--b',
          `libseccomp=${other}`,
        ]),
      );
      expect([status, stderr]).toEqual([0, expect.stringContaining('block 2/2') as string]);
      const [a, b, control] = evidence;
      expect([a, b, control].map((arm) => arm?.libseccomp)).toEqual([
        { path: own, version: expect.stringMatching(/^2\./) as string },
        { path: other, version: '2.6.99' },
        { path: own, version: a?.libseccomp?.version },
      ]);
      expect(instructions(b!)).toBeGreaterThan(instructions(a!));
      expect(instructions(control!)).toBe(instructions(a!));
      expect(loaded).toMatch(/^other loads .* instructions, built by libseccomp 2\.6\.99, own /);
    },
  );

  it('are said to build the same filter where they do', (ctx) => {
    needRoot(ctx);
    const copy = copiedLibrary(sandbox.folder);
    const { status, loaded } = ab(['--engine', 'namespaces', '--a', `libseccomp=${own}`, '--b', `libseccomp=${copy}`]);
    expect(status).toBe(0);
    expect(loaded).toMatch(/^Both load the same filter, the plain form of [\d,]+ instructions\.$/);
  });

  it('build in a process of its own what may take long, each by itself', () => {
    const risky: SeccompSpec = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [9, 10].map((value) => ({
        names: ['write'],
        action: 'SCMP_ACT_ALLOW',
        args: [
          { index: 0, value: 7, op: 'SCMP_CMP_GE' },
          { index: 2, value, op: 'SCMP_CMP_EQ' },
        ],
      })),
    };
    expect(riskOfSpec(risky)).toBeDefined();
    const library = copiedLibrary(sandbox.folder);
    expect(buildFilter(risky, machine(), { library })).toEqual(buildFilter(risky));
    expect(() => buildFilter(risky, machine(), { library: 'missing.so' })).toThrow('no such file or directory');
  });

  it('may be arms of a scenario, with paths relative to its file', (ctx) => {
    needRoot(ctx);
    copiedLibrary(sandbox.folder);
    const arms = [
      { name: 'own', policy: 'host' },
      { name: 'copy', libseccomp: 'libseccomp-copy.so', form: 'tree' },
    ];
    writeFileSync(join(sandbox.folder, 'two.json'), JSON.stringify({ kind: 'sequential', count: 2, warmup: 0, arms }));
    const { status, stdout } = sandbox.bench(['run', 'two.json', '--no-report', '--json']);
    expect(status).toBe(0);
    const { engine, arms: shown, verdicts } = (JSON.parse(stdout) as RunsSummary).runs[0]!;
    expect(engine).toBe('namespaces');
    expect(shown[1]?.evidence?.libseccomp?.path).toBe(join(sandbox.folder, 'libseccomp-copy.so'));
    expect(verdicts[0]?.loaded).toMatch(/^copy loads a binary tree of [\d,]+ instructions, own the plain form of /);
  });
});

describe('two forms of a filter', () => {
  it('are one command, which takes the built-in engine', (ctx) => {
    needRoot(ctx);
    const { status, stderr, loaded, evidence } = ab(['--a', 'form=plain', '--b', 'form=tree']);
    expect([status, stderr]).toEqual([0, expect.stringContaining('engine namespaces') as string]);
    expect(evidence.map(({ predicted }) => (predicted.state === 'built' ? predicted.form : null))).toEqual([
      'plain',
      'tree',
      'plain',
    ]);
    expect(loaded).toMatch(/^tree loads a binary tree of [\d,]+ instructions, plain the plain form of [\d,]+\.$/);
  });

  it('are built at every start or before the run', (ctx) => {
    needRoot(ctx);
    const { status, loaded } = ab(['--a', 'build=start', '--b', 'build=before']);
    expect(status).toBe(0);
    expect(loaded).toMatch(
      /; that of built-before is built before the run and that of built-at-start is built at every start\.$/,
    );
  });
});

describe('a comparison that cannot be made', () => {
  const file = (name: string, bytes: string | Buffer): string => {
    writeFileSync(join(sandbox.folder, name), bytes);
    return name;
  };
  const foreign = (): Buffer => {
    const bytes = readFileSync(own);
    bytes.writeUInt16LE(machine() === 'aarch64' ? 62 : 183, 18);
    return bytes;
  };

  it('ends with one line, exit code 2 and nothing left', () => {
    for (const [args, message] of [
      [['--b', 'libseccomp=missing.so'], 'missing.so: no such file or directory'],
      [['--b', `libseccomp=${file('words.so', 'words')}`], 'words.so is not a shared library'],
      [['--b', `libseccomp=${file('foreign.so', foreign())}`], 'foreign.so is a file for '],
      [
        ['--engine', 'oci', '--runtime', FAKE, '--b', `libseccomp=${own}`],
        `arm own: ${FAKE} cannot load another libseccomp: ${FAKE} is a script`,
      ],
      [['--b', 'libsecomp=x.so'], '"libsecomp" is not a key of an arm (--b); did you mean "libseccomp"?'],
      [
        ['--b', 'form=tree,runtime=runc'],
        '--a and --b must be two runtimes or two profiles, got policy=host and form=tree,runtime=runc',
      ],
      [['--b', 'form=bush'], '--b: form=: expected plain or tree, got "bush"'],
      [['--b', 'form=tree,form=plain'], '--b: expected every key once, got form= twice'],
      [['--b', 'libseccomp=x.so,policy=unconfined'], '--b: libseccomp= cannot be combined with the policy unconfined'],
      [['--b', 'policy=host'], '--a and --b are the same: policy=host'],
    ] as const) {
      const { status, stdout, stderr } = sandbox.bench(['ab', '--label-b', 'own', '--a', 'policy=host', ...args]);
      const [first = '', ...hints] = stderr
        .split('\n')
        .filter((line) => !/^(?:engine |  (?:libseccomp|containers:) )/.test(line));
      expect([args, status, stdout, first.includes(message) ? message : stderr, hints.length <= 2]).toEqual([
        args,
        2,
        '',
        message,
        true,
      ]);
    }
    expect(sandbox.workspaces()).toEqual([]);
  });

  it.skipIf(!hasCompiler)('is refused where a library is too old for a tree', () => {
    const old = shimLibrary(sandbox.folder, 'old');
    const { status, stderr } = ab(['--a', 'form=plain', '--b', `form=tree,libseccomp=${old}`]);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('a filter as a binary tree requires libseccomp 2.5 or newer (this is 2.6.99)') as string,
    ]);
  });

  it('is refused where the file of an arm is a filter that is built already', () => {
    const { status, stderr } = ab(
      ['--profile', file('allow.bpf', Buffer.from('060000000000ff7f', 'hex'))].concat(
        '--a',
        'form=plain',
        '--b',
        'form=tree',
      ),
    );
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('arm plain: allow.bpf is a raw BPF filter, which is loaded as it is') as string,
    ]);
  });
});

describe('two commands of the user', () => {
  it('have no predicted filter, in no table and in no warning', () => {
    const { status, stdout } = sandbox.bench(
      ['ab', '--count', '2', '--warmup', '0', '--json', '--', 'true', '---', 'sh', '-c', ':'],
      {},
    );
    expect(status).toBe(0);
    const { report, runs } = JSON.parse(stdout) as RunsSummary & { readonly report: string };
    for (const { evidence } of runs[0]!.arms)
      expect(evidence?.predicted).toEqual({ state: 'unknown', reason: 'bench does not inspect commands of the user' });
    expect(runs[0]!.warnings.filter((warning) => /filter|predict/i.test(warning))).toEqual([]);
    const markdown = readFileSync(join(sandbox.folder, report, '../summary.md'), 'utf8');
    expect(markdown).not.toMatch(/predict/i);
    expect(markdown).toMatch(/^\| sh \|.*\| – \|$/m);
  });
});
