import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parsePercallRun } from '../../../src/cli/options/percall.js';
import { BenchError } from '../../../src/errors.js';
import { loadScenario, loadScenarioFile, loadStarts } from '../../../src/scenario/index.js';

const packageRoot = resolve(import.meta.dirname, '../../..');
let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'bench-kinds-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const places = (): { readonly cwd: string; readonly packageRoot: string } => ({ cwd, packageRoot });

function read(content: object): ReturnType<typeof loadScenarioFile> {
  writeFileSync(join(cwd, 'x.json'), JSON.stringify(content));
  return loadScenarioFile('x', places());
}

function faultOf(content: object): string {
  try {
    read(content);
  } catch (error) {
    if (error instanceof BenchError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing was thrown';
}

describe('a scenario of kind percall', () => {
  it('has the defaults of the command', () => {
    const RAW = { blocks: '30', repeats: '25', loops: '1000', warmup: '1' };
    expect(read({ kind: 'percall' })).toEqual({
      file: join(cwd, 'x.json'),
      kind: 'percall',
      scenario: {
        kind: 'percall',
        name: 'x',
        dialect: 'moby',
        ...parsePercallRun(RAW),
        calls: [
          { name: 'getppid', args: [] },
          { name: 'times', args: ['@'] },
          { name: 'personality', args: ['0xffffffff'] },
          { name: 'kexec_load', args: ['0', '0xffff', '0', '0xfff'] },
          { name: 'unknown', args: [] },
        ],
        droppable: ['getppid', 'times', 'personality', 'kexec_load', 'unknown'],
      },
    });
  });

  it('takes all that the command takes, and profiles relative to it', () => {
    const { scenario } = read({
      kind: 'percall',
      name: 'mine',
      title: 'Mine',
      architecture: 'x86_64',
      blocks: 3,
      warmup: 0,
      repeats: 4,
      loops: 50,
      profile: './p.json',
      dialect: 'isulad',
      arms: ['control', 'unconfined', 'tree', 'before-stacked-2', { name: 'raw', profile: 'filter.bpf' }],
      calls: ['unknown', '0x101(-100,@,0)'],
      actions: ['trace', 'notify'],
    });
    const profile = 'p.json';
    expect(scenario).toEqual({
      kind: 'percall',
      name: 'mine',
      title: 'Mine',
      architecture: 'x86_64',
      blocks: 3,
      warmup: 0,
      repeats: 4,
      loops: 50,
      profile,
      dialect: 'isulad',
      arms: [
        { name: 'tree', policy: 'host', making: { form: 'tree' }, profile },
        { name: 'before-stacked-2', policy: 'all', making: { stacked: 2 }, profile },
        { name: 'raw', policy: 'host', impliedPolicy: true, profile: 'filter.bpf' },
      ],
      equalArms: 'refuse',
      calls: [
        { name: 'unknown', args: [] },
        { name: '257', args: ['18446744073709551516', '@', '0'] },
      ],
      droppable: [],
      actions: ['notify', 'trace'],
    });
  });

  it.each([
    [{ arms: [] }, 'arms: expected a list of at least one arm, got []'],
    [{ arms: ['unconfined'] }, 'arms: expected at least one arm besides unconfined'],
    [{ arms: ['after', 'stacked-9'] }, 'arms[1]: expected unconfined, native, after and before; tree and stacked-2 '],
    [{ arms: ['after', 'tree', 'after'] }, 'arms[2]: expected every name once, got "after" twice'],
    [
      { arms: [{ name: 'unconfined', policy: 'host' }] },
      'arms[0].name: expected every name once, got "unconfined" twice',
    ],
    [{ arms: Array.from({ length: 15 }, (_, index) => ({ name: `a${index}`, policy: 'host' })) }, 'arms: expected at'],
    [{ arms: [{ name: 'a', policy: 'some' }] }, 'arms[0].policy: expected one of "all", "host", '],
    [{ calls: [] }, 'calls: expected a list of 1 to 16 calls, got []'],
    [{ calls: Array.from({ length: 17 }, (_, index) => `c${index}()`) }, 'calls: expected a list of 1 to 16 calls'],
    [{ calls: 'getppid' }, 'calls: expected a list of 1 to 16 calls, got "getppid"'],
    [{ calls: ['getppid', ''] }, 'calls[1]: expected a text that is not empty, got ""'],
    [{ calls: ['getppid', 'A'] }, 'calls[1]: expected the name or number of a system call, got "A"'],
    [{ calls: ['reboot'] }, 'calls[0]: expected arguments for reboot, which may change something, or one of getppid, '],
    [{ calls: ['getppid', 'getppid()'] }, 'calls[1]: expected every call once, got getppid twice'],
    [{ calls: ['getppid', 'getppid'] }, 'calls: expected a list without repetitions'],
    [{ calls: ['read(x)'] }, 'calls[0]: expected decimal or 0x hexadecimal arguments of 64 bits, or @, in read(x)'],
    [{ actions: [] }, 'actions: expected a list of at least one action, got []'],
    [{ actions: ['log', 'log'] }, 'actions: expected a list without repetitions, got ["log","log"]'],
    [{ actions: ['notfy'] }, 'actions[0]: expected one of "notify", "log", "trace", got "notfy"'],
    [{ blocks: 0 }, 'blocks: expected an integer of at least 1, got 0'],
    [{ repeats: 10_001 }, 'repeats: expected an integer of at most 10000, got 10001'],
    [{ loops: 1_000_000 }, 'loops: expected an integer of at most 999999, got 1000000'],
    [{ warmup: -1 }, 'warmup: expected an integer of at least 0, got -1'],
    [{ rounds: 3 }, 'rounds is not a known property; known: $schema, kind, name, title, architecture, blocks, arms, '],
  ])('with %j is refused', (properties, fault) => {
    expect(faultOf({ kind: 'percall', ...properties })).toContain(`input: x.json: ${fault}`);
  });
});

describe('a scenario of kind attach', () => {
  it('has the defaults of the command', () => {
    expect(read({ kind: 'attach' })).toEqual({
      file: join(cwd, 'x.json'),
      kind: 'attach',
      scenario: { kind: 'attach', name: 'x', dialect: 'moby', rounds: 100, switchJit: false, sampleJit: false },
      filter: { policy: 'host' },
    });
  });

  it('takes all that the command takes', () => {
    const own = {
      name: 'n',
      title: 't',
      profile: './p.json',
      dialect: 'isulad',
      rounds: 10,
      switchJit: true,
      sampleJit: true,
    };
    expect(read({ kind: 'attach', ...own, policy: 'native', form: 'tree' })).toMatchObject({
      scenario: { kind: 'attach', ...own, profile: 'p.json' },
      filter: { policy: 'native', form: 'tree' },
    });
  });

  it.each([
    [{ rounds: 9 }, 'rounds: expected an integer of at least 10, got 9'],
    [{ rounds: 1001 }, 'rounds: expected an integer of at most 1000, got 1001'],
    [{ switchJit: 'yes' }, 'switchJit: expected true or false, got "yes"'],
    [{ sampleJit: 1 }, 'sampleJit: expected true or false, got 1'],
    [{ policy: 'some' }, 'policy: expected one of "all", "host", "trim", "native", got "some"'],
    [{ form: 'bush' }, 'form: expected one of "plain", "tree", got "bush"'],
    [{ profile: '' }, 'profile: expected a text that is not empty, got ""'],
    [{ seed: 1 }, 'seed is not a known property; known: $schema, kind, name, title, profile, dialect, policy, form, '],
  ])('with %j is refused', (properties, fault) => {
    expect(faultOf({ kind: 'attach', ...properties })).toContain(`input: x.json: ${fault}`);
  });
});

describe('a scenario of kind capacity', () => {
  it('names the architectures and the form of its filter', () => {
    expect(read({ kind: 'capacity', policy: 'all', form: 'tree' })).toMatchObject({
      filter: { policy: 'all', form: 'tree' },
    });
    expect(read({ kind: 'capacity' })).toMatchObject({ filter: { policy: 'host' } });
  });
});

const program = { args: ['true'] };

describe('a scenario of kind workload', () => {
  it('has the defaults of the command: 30 blocks, one of them before, unconfined first', () => {
    const whole = { args: ['true'], env: [], cwd: '/', bindHost: false, binds: [], via: 'run' };
    expect(read({ kind: 'workload', program })).toEqual({
      file: join(cwd, 'x.json'),
      kind: 'starts',
      scenario: {
        kind: 'sequential',
        name: 'x',
        arms: [
          { name: 'unconfined', policy: 'unconfined' },
          { name: 'default', policy: 'host' },
          { name: 'control', policy: 'unconfined', copyOf: 'unconfined' },
        ],
        dialect: 'moby',
        warmup: 1,
        pauseMs: 0,
        program: whole,
        count: 30,
      },
      settings: {},
    });
    expect(loadScenario('x', places()).program).toEqual(whole);
  });

  it('puts the arm without a filter first, wherever it is named', () => {
    const { scenario } = loadStartsOf({ kind: 'workload', program, arms: ['native', 'unconfined', 'after'] });
    expect(scenario.arms.map(({ name }) => name)).toEqual(['unconfined', 'native', 'after', 'control']);
  });

  it('takes a server, and what the command can find out besides times', () => {
    const { scenario, settings } = loadStartsOf({
      kind: 'workload',
      blocks: 20,
      warmup: 0,
      pauseMs: 5,
      cache: 'warm',
      program: { ...program, ready: 6379, load: 'ab x', loadMetric: '(\\d+)' },
      counters: true,
      stages: true,
      explain: false,
      touch: [{ mib: 0 }, { mib: 8, order: 'random' }],
      profileWith: 'perf',
    });
    expect(scenario).toMatchObject({ count: 20, warmup: 0, pauseMs: 5, cache: 'warm' });
    expect(scenario.program?.service).toEqual({
      ready: { kind: 'port', port: 6379 },
      load: 'ab x',
      metric: '(\\d+)',
    });
    expect(settings).toEqual({
      counters: true,
      staged: true,
      findings: {
        explain: false,
        touch: [
          { mib: 0, order: 'sequential' },
          { mib: 8, order: 'random' },
        ],
        profiler: 'perf',
      },
    });
  });

  it.each([
    [{ program: undefined }, 'program is required'],
    [{ program: {} }, 'program.args is required'],
    [{ count: 3, blocks: 3 }, '(top level): expected either count or blocks, got both'],
    [{ blocks: 0 }, 'blocks: expected an integer of at least 1, got 0'],
    [{ program: { ...program, ready: 6379 } }, 'program.load: expected a command, got nothing'],
    [
      { program: { ...program, ready: 0, load: 'ab' } },
      'program.ready: expected a port from 1 to 65535, or a regular expression, got 0',
    ],
    [{ explain: 'no' }, 'explain: expected true or false, got "no"'],
    [{ counters: 1 }, 'counters: expected true or false, got 1'],
    [{ touch: [] }, 'touch: expected a list of at least one working set, got []'],
    [{ touch: [{ mib: 1025 }] }, 'touch[0].mib: expected a number from 0 to 1024, got 1025'],
    [{ touch: [{ mib: '1' }] }, 'touch[0].mib: expected a number from 0 to 1024, got "1"'],
    [{ touch: [{ order: 'random' }] }, 'touch[0].mib is required'],
    [{ touch: [{ mib: 1, order: 'up' }] }, 'touch[0].order: expected one of "sequential", "random", got "up"'],
    [{ profileWith: 'gprof' }, 'profileWith: expected one of "cprofile", "perf", got "gprof"'],
    [{ duet: 'always' }, 'duet is not a known property; known: '],
  ])('with %j is refused', (properties, fault) => {
    expect(faultOf({ kind: 'workload', program, ...properties })).toContain(`input: x.json: ${fault}`);
  });
});

describe('what a file of starts asks for besides the scenario', () => {
  it('is counters and stages, of blocks of single containers and of execs', () => {
    for (const kind of ['sequential', 'exec']) {
      expect(loadStartsOf({ kind, count: 2, counters: true, stages: true }).settings).toEqual({
        counters: true,
        staged: true,
      });
      expect(loadStartsOf({ kind, count: 2, counters: false }).settings).toEqual({});
    }
  });

  it('is refused of batches, whose instructions cannot be told apart', () => {
    expect(faultOf({ kind: 'parallel', count: 2, counters: true })).toContain('counters is not a known property');
  });
});

describe('what takes scenarios of starts alone', () => {
  it.each([
    ['percall', 'which times system calls'],
    ['attach', 'which starts no container'],
    ['capacity', 'which starts no container'],
  ])('refuses one of kind %s', (kind, words) => {
    writeFileSync(join(cwd, 'x.json'), JSON.stringify({ kind }));
    for (const load of [loadScenario, loadStarts])
      expect(() => load('x', places())).toThrow(
        expect.objectContaining({
          code: 'input',
          message: `x.json is of kind ${kind}, ${words}`,
          hint: 'bench run x measures it. Other commands take scenarios of starts, execs and programs.',
        }),
      );
  });
});

function loadStartsOf(content: object): ReturnType<typeof loadStarts> {
  writeFileSync(join(cwd, 'x.json'), JSON.stringify(content));
  return loadStarts('x', places());
}
