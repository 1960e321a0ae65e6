import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BenchError } from '../../../src/errors.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';
import { ARM_POLICIES, CONTROL, NAMED_ARMS } from '../../../src/model/run/arms.js';
import {
  loadScenario,
  loadScenarioFile,
  makeScenario,
  scenarioHash,
  scenarioNames,
} from '../../../src/scenario/index.js';

const packageRoot = resolve(import.meta.dirname, '../../..');
let cwd = '';

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'bench-scenario-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

function write(file: string, content: string | Uint8Array | object): void {
  mkdirSync(dirname(join(cwd, file)), { recursive: true });
  writeFileSync(
    join(cwd, file),
    typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content),
  );
}

const load = (name: string): ReturnType<typeof loadScenario> => loadScenario(name, { cwd, packageRoot });

function faultOf(name: string): string {
  try {
    load(name);
  } catch (error) {
    if (error instanceof BenchError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing was thrown';
}

const SMALL = { kind: 'sequential', count: 5 };

describe('run a scenario file', () => {
  it('needs only a kind and a count', () => {
    write('small.json', SMALL);
    write('many.json', { kind: 'parallel', count: 6 });
    expect(load('small.json')).toEqual({ ...makeScenario({ kind: 'sequential', count: 5 }), name: 'small' });
    expect(load('many.json')).toEqual({ ...makeScenario({ kind: 'parallel', count: 6 }), name: 'many' });
  });

  it('may say blocks in place of count (sequential) or rounds (parallel)', () => {
    write('small.json', { kind: 'sequential', blocks: 5 });
    write('many.json', { kind: 'parallel', count: 6, blocks: 7 });
    expect(load('small.json')).toEqual({ ...makeScenario({ kind: 'sequential', count: 5 }), name: 'small' });
    expect(load('many.json')).toEqual({ ...makeScenario({ kind: 'parallel', count: 6, rounds: 7 }), name: 'many' });
  });

  it('takes arms with a runtime, a libseccomp, a form or a time of building, with paths relative to it', () => {
    const arms = [
      { name: 'one', runtime: 'runc', libseccomp: './lib.so' },
      { name: 'two', policy: 'native', form: 'tree', build: 'before' },
      { name: 'three', build: 'start' },
      { name: 'four', runtime: './crun', form: 'tree', build: 'before' },
      { name: 'five', first: ['futex', 'read'] },
    ];
    write('own.json', { kind: 'sequential', count: 1, arms });
    expect(load('own').arms).toEqual([
      { name: 'one', policy: 'host', impliedPolicy: true, runtime: 'runc', libseccomp: 'lib.so' },
      { name: 'two', policy: 'native', making: { form: 'tree', prebuilt: true } },
      { name: 'three', policy: 'host', impliedPolicy: true, making: {} },
      {
        name: 'four',
        policy: 'host',
        impliedPolicy: true,
        runtime: './crun',
        making: { form: 'tree', prebuilt: true },
      },
      { name: 'five', policy: 'host', impliedPolicy: true, making: { first: ['futex', 'read'] } },
      { name: 'control', policy: 'host', copyOf: 'one', runtime: 'runc', libseccomp: 'lib.so' },
    ]);
    for (const [arm, message] of [
      [{ form: 'bush' }, 'arms[0].form: expected one of "plain", "tree", got "bush"'],
      [{ form: 'tree', first: ['futex'] }, 'arms[0]: first cannot be combined with form=tree'],
      [{ first: [] }, 'arms[0].first: expected a list of 1 to 255 calls, got []'],
      [{ first: ['a b'] }, 'arms[0].first[0]: expected the name of a system call, got "a b"'],
      [{ first: ['futex', 'futex'] }, 'arms[0].first: expected'],
      [{ policy: 'unconfined', build: 'start' }, 'arms[0]: build cannot be combined with the policy unconfined'],
    ] as const) {
      write('own.json', { kind: 'sequential', count: 1, arms: [{ name: 'one', ...arm }] });
      expect(() => load('own')).toThrow(message);
    }
  });

  it('takes every arm and every policy that the command line takes', () => {
    const names = [...Object.keys(NAMED_ARMS), CONTROL];
    for (const arm of names) {
      write('one.json', { ...SMALL, arms: [arm === 'before' ? 'after' : 'before', arm] });
      expect(load('one.json').arms.map(({ name }) => name)).toContain(arm);
    }
    for (const policy of ARM_POLICIES) {
      write('one.json', { ...SMALL, arms: [{ name: 'mine', policy }] });
      expect(load('one.json').arms[0]).toEqual({ name: 'mine', policy });
    }
  });

  it('keeps everything it says', () => {
    const written = {
      $schema: 'x',
      kind: 'parallel',
      name: 'n',
      title: 't',
      architecture: 'aarch64',
      published: 'arm64-parallel',
      count: 8,
      concurrency: 4,
      rounds: 2,
      dialect: 'isulad',
      warmup: 0,
      pauseMs: 7,
    };
    write('all.json', written);
    const { $schema, ...rest } = written;
    expect($schema).toBe('x');
    expect(load('all.json')).toEqual({ ...rest, arms: makeScenario({ kind: 'sequential' }).arms });
  });

  it('may ask for a sweep: every level once, ascending, with 1, which changes its hash', () => {
    write('sweep.json', { kind: 'parallel', count: 8, concurrency: [8, 2, 4] });
    write('other.json', { kind: 'parallel', name: 'sweep', count: 8, concurrency: [8, 2] });
    write('single.json', { kind: 'parallel', name: 'sweep', count: 8, concurrency: 8 });
    expect(load('sweep.json')).toEqual({
      ...makeScenario({ kind: 'parallel', count: 8 }),
      name: 'sweep',
      concurrency: 8,
      levels: [1, 2, 4, 8],
    });
    expect(new Set(['sweep.json', 'other.json', 'single.json'].map((name) => scenarioHash(load(name)))).size).toBe(3);
  });

  it('may have a byte-order mark', () => {
    write('bom.json', `\uFEFF${JSON.stringify(SMALL)}`);
    expect(load('bom.json').count).toBe(5);
  });

  it('lists arms by name or in full, and gets its control arm last', () => {
    write('arms.json', { ...SMALL, arms: ['control', 'native', { name: 'x', policy: 'host', profile: 'p.json' }] });
    expect(load('arms.json').arms).toEqual([
      { name: 'native', policy: 'native' },
      { name: 'x', policy: 'host', profile: 'p.json' },
      { name: 'control', policy: 'native', copyOf: 'native' },
    ]);
  });

  it('can be made from the scenario that it resolves to', () => {
    write('first.json', {
      ...SMALL,
      arms: ['before', 'native', { name: 'x', policy: 'host', profile: 'p.json' }],
      profile: 'q.json',
    });
    const resolved = load('first.json');
    write('second.json', resolved);
    expect(load('second.json')).toEqual(resolved);
  });

  it('names profiles relative to itself', () => {
    write('deep/s.json', {
      ...SMALL,
      profile: 'p.json',
      arms: ['before', { name: 'x', policy: 'host', profile: '../q.json' }],
    });
    const scenario = load('deep/s.json');
    expect([scenario.profile, scenario.arms[1]?.profile]).toEqual(['deep/p.json', 'q.json']);
  });

  it('keeps the names of profiles, and a path that looks like one stays a path', () => {
    write('deep/n.json', {
      ...SMALL,
      profile: 'docker@v0.2.0',
      arms: ['before', { name: 'x', policy: 'host', profile: '../podman' }],
    });
    const scenario = load('deep/n.json');
    expect([scenario.profile, scenario.arms[1]?.profile]).toEqual(['docker@v0.2.0', './podman']);
  });
});

describe('the place of a scenario', () => {
  it('is the current folder first, with or without .json', () => {
    write('quick.json', { ...SMALL, count: 7 });
    expect([
      load('quick').count,
      load('quick.json').count,
      load('./quick').count,
      load(join(cwd, 'quick')).count,
    ]).toEqual([7, 7, 7, 7]);
  });

  it('is the package where the current folder has no such file', () => {
    mkdirSync(join(cwd, 'quick'));
    expect([load('quick').count, load('quick.json').count, load('scenarios/quick.json').count]).toEqual([30, 30, 30]);
  });

  it('is reported with the known names, where there is no such file', () => {
    expect(() => load('quicker')).toThrow(
      expect.objectContaining({
        code: 'input',
        message: `scenario "quicker" not found in ${cwd} or in the package`,
        hint: 'The package has attach-default, crun-filters, exec-probes, filter-memory, isulad-arm64-parallel-150, isulad-arm64-sequential-500, isulad-x86_64-parallel-200, isulad-x86_64-sequential-500, notified-calls, python-control-loop, python-max-sqrt, quick, runc-tree, server-redis.',
      }),
    );
  });

  it('may not be a broken link', () => {
    symlinkSync('nowhere', join(cwd, 'link.json'));
    expect(faultOf('link')).toContain('scenario "link" not found');
  });
});

describe('a wrong scenario file is refused with file and JSON path', () => {
  it.each([
    [{ kind: 'sequential', count: 'many' }, 'count: expected an integer of at least 1, got "many"'],
    [{ kind: 'sequential', count: 0 }, 'count: expected an integer of at least 1, got 0'],
    [{ kind: 'sequential', count: 1.5 }, 'count: expected an integer of at least 1, got 1.5'],
    [{ kind: 'sequential' }, 'count is required'],
    [{ count: 5 }, 'kind is required'],
    [
      { kind: 'both', count: 5 },
      'kind: expected one of "sequential", "parallel", "exec", "workload", "percall", "attach", "capacity", got "both"',
    ],
    [{ ...SMALL, blocks: 5 }, '(top level): expected either count or blocks, got both'],
    [{ kind: 'parallel', count: 5, rounds: 3, blocks: 3 }, '(top level): expected either rounds or blocks, got both'],
    [{ kind: 'parallel', blocks: 5 }, 'count is required'],
    [[], '(top level): expected an object, got []'],
    ['null', '(top level): expected an object, got null'],
    [
      { ...SMALL, rounds: 5 },
      'rounds is not a known property; known: $schema, kind, name, title, architecture, published, count, blocks, arms, profile, dialect, warmup, pauseMs, program, cache, duet, counters, stages',
    ],
    [{ ...SMALL, architecture: 'arm64' }, 'architecture: expected one of "x86_64", "aarch64", got "arm64"'],
    [
      { ...SMALL, name: '../x' },
      'name: expected a name of at most 64 letters, digits, ".", "_" and "-" that begins with a letter or digit, got "../x"',
    ],
    [{ ...SMALL, title: '' }, 'title: expected a text that is not empty, got ""'],
    [{ ...SMALL, warmup: -1 }, 'warmup: expected an integer of at least 0, got -1'],
    [{ ...SMALL, arms: [] }, 'arms: expected a list of at least one arm, got []'],
    [
      { ...SMALL, arms: ['before', 'behind'] },
      'arms[1]: expected one of "before", "after", "default", "trim", "native", "unconfined", "runtime-default", "control", got "behind"',
    ],
    [{ ...SMALL, arms: [7] }, 'arms[0]: expected an object, got 7'],
    [
      { ...SMALL, arms: ['before', { name: 'x', policy: 'some' }] },
      'arms[1].policy: expected one of "all", "host", "trim", "native", "unconfined", "runtime-default", got "some"',
    ],
    [{ ...SMALL, arms: [{ name: 'x' }] }, 'arms[0].policy is required'],
    [
      { ...SMALL, arms: [{ name: 'x/y', policy: 'all' }] },
      'arms[0].name: expected a name of at most 64 letters, digits, ".", "_" and "-" that begins with a letter or digit, got "x/y"',
    ],
    [{ ...SMALL, arms: ['control', 'before', 'before'] }, 'arms[2]: expected every name once, got "before" twice'],
    [{ ...SMALL, arms: ['control'] }, 'arms: expected at least one arm besides control'],
    [
      { ...SMALL, arms: ['before', { name: 'c', policy: 'host', copyOf: 'before' }] },
      'arms[1].copyOf: expected the policy and profile of "before", got others',
    ],
    [
      { ...SMALL, arms: ['before', { name: 'c', policy: 'all', copyOf: 'x' }] },
      'arms[1].copyOf: expected the name of another arm that is no copy itself, got "x"',
    ],
    [{ kind: 'parallel', count: 5, concurrency: 6 }, 'concurrency: expected at most the count 5, got 6'],
    [{ kind: 'parallel', count: 5, concurrency: [2, 6] }, 'concurrency[1]: expected at most the count 5, got 6'],
    [
      { kind: 'parallel', count: 5, concurrency: [2, 2] },
      'concurrency: expected a list without repetitions, got [2,2]',
    ],
    [{ kind: 'parallel', count: 5, concurrency: [] }, 'concurrency: expected a list of at least one level, got []'],
    [{ kind: 'parallel', count: 5, concurrency: [1, 0] }, 'concurrency[1]: expected an integer of at least 1, got 0'],
    [
      { kind: 'parallel', count: 5, concurrency: [1, '2'] },
      'concurrency[1]: expected an integer of at least 1, got "2"',
    ],
    [{ kind: 'parallel', count: 5, concurrency: '2' }, 'concurrency: expected an integer of at least 1, got "2"'],
    ['{"kind":"sequential","count":5,"count":6}', 'count: expected every key once, got it twice'],
    [
      '{"kind":"sequential","arms":[{"name":"a","profile":"x\\u0000.json"}]}',
      'arms[0].profile: expected text without a NUL character, which no name or argument can hold',
    ],
    [
      '{"kind":"sequential","count":5,"arms":["before",{"name":"a","policy":"all","n\\u0061me":"b"}]}',
      'arms[1].name: expected every key once, got it twice',
    ],
    ['', 'expected a JSON object, got an empty file'],
    [new Uint8Array([0x7b, 0xff]), 'expected UTF-8 text, got other bytes'],
  ])('%j', (content, fault) => {
    write('x.json', content);
    expect(faultOf('x.json')).toBe(`input: x.json: ${fault}`);
  });

  it('and a syntax error with line and column', () => {
    write('deep/x.json', '{\n  "kind": "sequential",\n  "count" 5\n}');
    expect(faultOf('deep/x.json')).toMatch(
      /^input: deep\/x\.json: line 3, column 11: expected JSON, got a syntax error \(.+\)$/,
    );
    write('x.json', '{"kind": "sequential"');
    expect(faultOf('x')).toMatch(/^input: x\.json: line 1, column 22: expected JSON, got a syntax error \(.+\)$/);
  });

  it('with its whole path where it is outside the current folder', () => {
    write('inner/here', '');
    write('x.json', { ...SMALL, count: 0 });
    expect(() => loadScenario('../x', { cwd: join(cwd, 'inner'), packageRoot })).toThrow(
      `${join(cwd, 'x.json')}: count: expected`,
    );
  });
});

describe('the bounds', () => {
  it.each([
    ['count', 1, 1_000_000],
    ['concurrency', 1, 1_000_000],
    ['rounds', 1, 100_000],
    ['warmup', 0, 10_000],
    ['pauseMs', 0, 60_000],
  ] as const)('of %s are the same in a file and in a program', (key, least, most) => {
    for (const [value, allowed] of [
      [least - 1, false],
      [least, true],
      [most, true],
      [most + 1, false],
    ] as const) {
      const base = { kind: 'parallel', count: 1_000_000 } as const;
      write('bound.json', { ...base, [key]: value, ...(key === 'count' ? {} : { concurrency: 1, [key]: value }) });
      const made = (): unknown => makeScenario({ ...base, concurrency: 1, [key]: value });
      if (allowed) {
        expect(load('bound.json')).toMatchObject({ [key]: value });
        expect(made()).toMatchObject({ [key]: value });
      } else {
        expect(faultOf('bound.json')).toContain(
          `${key}: expected an integer ${value < least ? `of at least ${least}` : `of at most ${most}`}, got ${value}`,
        );
        expect(made).toThrow(
          `${key}: expected a whole number from ${least.toLocaleString('en-US')} to ${most.toLocaleString('en-US')}, got ${value}`,
        );
      }
    }
  });
});

describe("the package's scenarios", () => {
  const places = { cwd, packageRoot };
  const ownKinds = ['attach-default', 'filter-memory', 'notified-calls'];
  const started = scenarioNames(packageRoot).filter((name) => !ownKinds.includes(name));

  it('have one of every kind that starts no container, and one that times calls', () => {
    expect(ownKinds.map((name) => loadScenarioFile(name, places).kind)).toEqual(['attach', 'capacity', 'percall']);
    expect(loadScenarioFile('filter-memory', places).scenario).toEqual({
      kind: 'capacity',
      name: 'filter-memory',
      title: "Kernel memory of Docker's default filter, and how many fit",
      dialect: 'moby',
      tasks: 500,
      stacked: 1,
      untilRefused: true,
    });
  });

  it('are the four published cases, two programs, a server, execs, forms of filters and a quick one', () => {
    const cases = started.map((name) => load(name));
    expect(
      cases.map(({ name, architecture, published, kind, count }) => [name, architecture, published, kind, count]),
    ).toEqual([
      ['crun-filters', undefined, undefined, 'sequential', 200],
      ['exec-probes', undefined, undefined, 'sequential', 300],
      ['isulad-arm64-parallel-150', 'aarch64', 'arm64-parallel', 'parallel', 150],
      ['isulad-arm64-sequential-500', 'aarch64', 'arm64-sequential', 'sequential', 500],
      ['isulad-x86_64-parallel-200', 'x86_64', 'x86_64-parallel', 'parallel', 200],
      ['isulad-x86_64-sequential-500', 'x86_64', 'x86_64-sequential', 'sequential', 500],
      ['python-control-loop', undefined, 'python-control-loop', 'sequential', 24],
      ['python-max-sqrt', undefined, 'python-max-sqrt', 'sequential', 24],
      ['quick', undefined, undefined, 'sequential', 30],
      ['runc-tree', undefined, undefined, 'sequential', 200],
      ['server-redis', undefined, undefined, 'sequential', 30],
    ]);
  });

  it('compare forms of one filter: of the profile of 32 calls on runc, of the built-in one on crun', () => {
    const makings = (name: string) => load(name).arms.map((arm) => [arm.name, arm.making]);
    const plain = { form: 'plain' };
    expect(makings('runc-tree')).toEqual([
      ['plain', plain],
      ['tree', { form: 'tree' }],
      ['control', plain],
    ]);
    const profile = JSON.parse(readFileSync(join(packageRoot, 'profiles/deny-32-calls.json'), 'utf8')) as SeccompSpec;
    expect(profile.syscalls?.flatMap(({ names }) => names)).toHaveLength(32);
    const finished = { ...plain, prebuilt: true };
    expect(makings('crun-filters')).toEqual([
      ['finished', finished],
      ['tree', { form: 'tree', prebuilt: true }],
      ['ordered', { first: ['personality', 'clone', 'socket'], prebuilt: true }],
      ['after', undefined],
      ['control', finished],
    ]);
  });

  it("of the others compare before with after, or nothing with a program's default, and have the control arm", () => {
    const others = started.filter((name) => !['runc-tree', 'crun-filters'].includes(name));
    for (const name of others) {
      const { arms, program, ...scenario } = load(name);
      const isExec = 'unit' in scenario && scenario.unit === 'exec';
      expect(arms.map((arm) => arm.name)).toEqual([
        ...(program === undefined ? ['before', 'after'] : ['unconfined', 'default']),
        ...(isExec ? ['unconfined'] : []),
        'control',
      ]);
    }
  });

  it('tell what execs cost as probes', () => {
    expect(load('exec-probes')).toMatchObject({
      kind: 'sequential',
      unit: 'exec',
      probes: { containers: 100, everyMs: 10_000 },
      warmup: 4,
    });
  });

  it('start the whole published batch at once', () => {
    expect(load('isulad-x86_64-parallel-200')).toMatchObject({ concurrency: 200, rounds: 20, warmup: 1 });
    expect(load('isulad-arm64-parallel-150')).toMatchObject({ concurrency: 150, rounds: 20, warmup: 1 });
  });
});
