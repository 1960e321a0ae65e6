import { describe, expect, it } from 'vitest';
import {
  declareConversion,
  declareProfile,
  parseConversion,
  parseFilterConversion,
  parseProfile,
} from '../../../../src/cli/options/conversion.js';
import type { RawConversion } from '../../../../src/cli/options/conversion.js';
import {
  declareCounting,
  declareCountSyscalls,
  parseCounting,
  parseCountingRuns,
} from '../../../../src/cli/options/counting.js';
import { declareEngine, parseEngine } from '../../../../src/cli/options/engine.js';
import { declareExports, parseExports } from '../../../../src/cli/options/exports.js';
import { declareFindings, parseFindings } from '../../../../src/cli/options/findings.js';
import { declareGate, declareMargin, parseGate, parseMargin } from '../../../../src/cli/options/gate.js';
import { declareView, parsePid, parseView } from '../../../../src/cli/options/inspect.js';
import { declareOutput, parseOutput } from '../../../../src/cli/options/output.js';
import { declareRun, parseRun } from '../../../../src/cli/options/run.js';
import {
  declareBatches,
  declareBlocks,
  declareRhythm,
  parseBatches,
  parseBlocks,
  parseRhythm,
  withBlocks,
} from '../../../../src/cli/options/scenario.js';
import { declareStopping, mostBlocks, parseStopping } from '../../../../src/cli/options/stopping.js';
import { DOCKER_CAPABILITIES } from '../../../../src/model/profile/capabilities.js';
import { makeScenario } from '../../../../src/scenario/index.js';
import { raw } from './raw.js';

const words = (text: string): readonly string[] => (text === '' ? [] : text.split(' '));

describe('the options of the engine', () => {
  const parsed = (text: string) => parseEngine(raw(declareEngine, words(text)));

  it('choose it, its runtime, its daemon and an image', () => {
    expect(parsed('')).toEqual({ choice: 'auto' });
    expect(parsed('--engine oci --runtime /opt/youki')).toEqual({ choice: 'oci', runtime: '/opt/youki' });
    expect(parsed('--engine podman --host unix:///run/p.sock --image bench:1')).toEqual({
      choice: 'podman',
      host: 'unix:///run/p.sock',
      image: 'bench:1',
    });
  });

  it.each([
    ['--engine rnc', '"rnc" is not an engine; did you mean "runc"?'],
    ['--engine lxc --host unix:///x', '--host requires --engine docker, podman or cri, not lxc'],
    ['--image bench:1', '--image requires --engine docker, podman or cri, not auto'],
  ])('%s is refused', (text, message) => {
    expect(() => parsed(text)).toThrow(message);
  });
});

describe('the options of a conversion', () => {
  it('have defaults that leave the kernel to the machine of the containers', () => {
    expect(parseConversion(raw(declareConversion))).toEqual({
      capabilities: DOCKER_CAPABILITIES,
      kernel: null,
      lenient: false,
    });
    expect(parseConversion(raw(declareConversion, words('--caps none --kernel 5.4 --lenient')))).toEqual({
      capabilities: [],
      kernel: '5.4',
      lenient: true,
    });
  });

  it.each([
    ['--kernel foo', '--kernel: expected a kernel release, such as 6.1 or 6.1.0-18-amd64, got "foo"'],
    ['--caps CAP_FOO', '"CAP_FOO" is not a capability'],
  ])('%s is refused', (text, message) => {
    expect(() => parseConversion(raw(declareConversion, words(text)))).toThrow(message);
    expect(() =>
      parseFilterConversion({ ...raw<RawConversion>(declareConversion, words(text)), dialect: 'moby' }),
    ).toThrow(message);
  });

  it('name a profile and a dialect', () => {
    expect(parseProfile(raw(declareProfile))).toEqual({ dialect: 'moby' });
    expect(parseProfile(raw(declareProfile, words('--profile p.json --dialect isulad')))).toEqual({
      profile: 'p.json',
      dialect: 'isulad',
    });
    expect(() => raw(declareProfile, words('--dialect isula'))).toThrow(
      '"isula" is not a dialect; did you mean "isulad"?',
    );
  });
});

describe('the options of a run', () => {
  const parsed = (text: string) => parseRun(raw(declareRun, words(text)));

  it('have their defaults', () => {
    expect(parsed('')).toEqual({
      seed: null,
      pin: null,
      timeoutMs: 60_000,
      maxFailures: null,
      staged: false,
      counters: false,
    });
  });

  it('take a seed, a core, a time, a number of failures, and stages or counters', () => {
    const given = '--seed 4294967295 --pin 3 --timeout 1m --max-failures 0';
    const all = { seed: 4_294_967_295, pin: 3, timeoutMs: 60_000, maxFailures: 0, staged: false, counters: false };
    expect(parsed(`${given} --stages`)).toEqual({ ...all, staged: true });
    expect(parsed(`${given} --counters`)).toEqual({ ...all, counters: true });
    expect(() => parsed('--stages --counters')).toThrow('--counters cannot be combined with --stages');
    expect(parsed('--pin').pin).toBe('any');
  });

  it.each([
    ['90s', 90_000],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
    ['250ms', 250],
    ['30', 30_000],
  ])('understand --timeout %s', (time, milliseconds) => {
    expect(parsed(`--timeout ${time}`).timeoutMs).toBe(milliseconds);
  });

  it.each(['-1', '4294967296', '1.5', '1e3', 'seed', '00000000001'])('refuse --seed %s', (seed) => {
    expect(() => parsed(`--seed=${seed}`)).toThrow(
      `--seed: expected a whole number from 0 to 4294967295, got "${seed}"`,
    );
  });

  it.each([
    ['--pin=x', '--pin: expected a whole number from 0 to 1,023, got "x"'],
    ['--pin=1024', '--pin: expected a whole number from 0 to 1,023, got "1024"'],
    ['--timeout=0', '--timeout: expected a duration such as 500ms, 30s, 1m or 1h of at most 24h, got "0"'],
    ['--timeout=25h', '--timeout: expected a duration such as 500ms, 30s, 1m or 1h of at most 24h, got "25h"'],
    ['--timeout=1d', '--timeout: expected a duration such as 500ms, 30s, 1m or 1h of at most 24h, got "1d"'],
    ['--max-failures=-1', '--max-failures: expected a whole number from 0 to 1,000,000, got "-1"'],
  ])('refuse %s', (text, message) => {
    expect(() => parsed(text)).toThrow(message);
  });
});

describe('warm-up and pause', () => {
  const parsed = (text: string) => parseRhythm(raw(declareRhythm, words(text)));

  it('are those of the scenario where nothing is given', () => {
    expect(parsed('')).toEqual({ pauseMs: 0 });
  });

  it.each([
    ['5ms', 5],
    ['5', 5],
    ['1s', 1000],
    ['1m', 60_000],
    ['0', 0],
  ])('understand --pause %s', (time, pauseMs) => {
    expect(parsed(`--warmup 2 --pause ${time}`)).toEqual({ warmup: 2, pauseMs });
  });

  it.each([
    ['--warmup=', '--warmup: expected a whole number from 0 to 10,000, got ""'],
    ['--pause=60001', '--pause: expected a duration such as 500ms, 30s, 1m or 1h of at most 1m, got "60001"'],
    ['--pause=0.5ms', '--pause: expected whole milliseconds, got "0.5ms"'],
  ])('refuse %s', (text, message) => {
    expect(() => parsed(text)).toThrow(message);
  });
});

describe('blocks', () => {
  const parsed = (text: string, until = '') =>
    parseBlocks(
      raw((command) => declareBlocks(command, { preset: '500' }), words(text)),
      parseStopping(raw(declareStopping, words(until))),
    );

  it('are as many as given, by either name', () => {
    expect([parsed(''), parsed('--blocks 20'), parsed('--count 30')]).toEqual([undefined, 20, 30]);
  });

  it('are the most that the rules allow where none are given', () => {
    expect(parsed('', '--until decided')).toBe(1000);
    expect(parsed('', '--until decided --budget 10m')).toBe(1000);
    expect(parsed('--blocks 20', '--until decided')).toBe(20);
  });

  it.each([
    ['--blocks=many', '--blocks: expected a whole number from 1 to 1,000,000, got "many"'],
    ['--count=0', '--count: expected a whole number from 1 to 1,000,000, got "0"'],
    ['--count=1.5', '--count: expected a whole number from 1 to 1,000,000, got "1.5"'],
    ['--count=-3', '--count: expected a whole number from 1 to 1,000,000, got "-3"'],
    ['--count=1e9', '--count: expected a whole number from 1 to 1,000,000, got "1e9"'],
    ['--blocks 3 --count 3', '--blocks cannot be combined with --count'],
  ])('%s is refused', (text, message) => {
    expect(() => parsed(text)).toThrow(message);
  });
});

describe('batches', () => {
  const parsed = (text: string, until = '') =>
    parseBatches(raw(declareBatches, words(text)), parseStopping(raw(declareStopping, words(until))));

  it('have a size, a number in flight and a number of blocks, by either name', () => {
    expect(parsed('')).toEqual({});
    expect(parsed('--count 20 --concurrency 8 --blocks 3')).toEqual({ count: 20, concurrency: 8, rounds: 3 });
    expect(parsed('--rounds 3')).toEqual({ rounds: 3 });
    expect(parsed('', '--budget 1h')).toEqual({ rounds: 100_000 });
  });

  it('are swept over a list of levels', () => {
    expect(parsed('--count 20 --concurrency 1,4,8')).toEqual({ count: 20, concurrency: [1, 4, 8] });
  });

  it.each([
    ['--count 10 --concurrency 11', '--concurrency: expected a whole number from 1 to 10, got "11"'],
    ['--count 10 --concurrency 2,11', '--concurrency: expected a whole number from 1 to 10, got "11"'],
    ['--concurrency 2,2', '--concurrency: expected every level once, got "2,2"'],
    ['--blocks 0', '--blocks: expected a whole number from 1 to 100,000, got "0"'],
    ['--blocks 3 --rounds 3', '--blocks cannot be combined with --rounds'],
  ])('with %s are refused', (text, message) => {
    expect(() => parsed(text)).toThrow(message);
  });

  it('of several levels go by no stopping rule', () => {
    expect(() => parsed('--concurrency 1,2', '--until decided')).toThrow(
      'several levels of --concurrency cannot be combined with --for, --until or --budget',
    );
  });
});

describe('stopping rules', () => {
  const parsed = (text: string) => parseStopping(raw(declareStopping, words(text)));

  it('are none, a width, a decision, or a time', () => {
    expect(parsed('')).toEqual([]);
    expect(parsed('--until \u00b10.5%')).toEqual([{ kind: 'halfWidth', width: 0.005 }]);
    expect(parsed('--until +-0.5%')).toEqual([{ kind: 'halfWidth', width: 0.005 }]);
    expect(parsed('--until decided --budget 10m')).toEqual([
      { kind: 'decided' },
      { kind: 'budget', milliseconds: 600_000 },
    ]);
    expect(mostBlocks(parsed('--until \u00b11%'))).toBe(20_000);
    expect(mostBlocks([])).toBeUndefined();
  });

  it.each([
    ['--until soon', '--until: expected \u00b1PERCENT or decided, got "soon"'],
    ['--until 100%', '--until: expected \u00b1PERCENT or decided, got "100%"'],
    ['--budget 10', '--budget: expected a duration such as 500ms, 30s, 1m or 1h, got "10"'],
    ['--budget 0s', '--budget: expected a duration such as 500ms, 30s, 1m or 1h, got "0s"'],
  ])('%s is refused', (text, message) => {
    expect(() => parsed(text)).toThrow(message);
  });
});

describe('margin and gate', () => {
  it('are shares', () => {
    expect(parseMargin(raw(declareMargin))).toBe(0.01);
    expect(parseMargin(raw(declareMargin, words('--margin 0.5%')))).toBe(0.005);
    expect(parseGate(raw(declareGate))).toEqual({ failIfSlower: null, strict: false, allowUndecided: false });
    expect(parseGate(raw(declareGate, words('--fail-if-slower 2 --strict')))).toEqual({
      failIfSlower: 0.02,
      strict: true,
      allowUndecided: false,
    });
    expect(parseGate(raw(declareGate, words('--fail-if-slower 0%'))).failIfSlower).toBe(0);
  });

  it('are refused where they are no percentages', () => {
    for (const margin of ['0%', '100%', 'little', '-1%'])
      expect(() => parseMargin({ margin })).toThrow(
        `--margin: expected a percentage above 0 and below 100, got "${margin}"`,
      );
    expect(() => parseGate({ failIfSlower: 'much' })).toThrow(
      '--fail-if-slower: expected a percentage of at least 0, got "much"',
    );
  });
});

describe('counting', () => {
  const declare: typeof declareCounting = (command) => declareCounting(declareCountSyscalls(command));

  it('is asked for, or not', () => {
    expect(parseCounting(raw(declare))).toBeNull();
    expect(parseCounting(raw(declare, words('--count-syscalls')))).toEqual({ counter: 'auto', repeats: null });
    expect(parseCounting(raw(declare, words('--count-syscalls --count-repeats 5 --count-with strace')))).toEqual({
      counter: 'strace',
      repeats: 5,
    });
    expect(parseCountingRuns(raw(declareCounting))).toEqual({ counter: 'auto', repeats: null });
  });

  it('is refused with a wrong number, asked for or not, and with an unknown counter', () => {
    expect(() => parseCounting(raw(declare, words('--count-repeats 0')))).toThrow(
      '--count-repeats: expected a whole number from 1 to 1,000, got "0"',
    );
    expect(() => raw(declare, words('--count-with stracee'))).toThrow(
      '"stracee" is not a counter; did you mean "strace"?',
    );
  });
});

describe('findings', () => {
  const parsed = (text: string) => parseFindings(raw(declareFindings, words(text)));

  it('are explained by default, and more on request', () => {
    expect(parsed('')).toEqual({ explain: true, touch: [], profiler: null });
    expect(parsed('--no-explain --touch 0,1.5,8:random,64:sequential --profile-with perf')).toEqual({
      explain: false,
      touch: [
        { mib: 0, order: 'sequential' },
        { mib: 1.5, order: 'sequential' },
        { mib: 8, order: 'random' },
        { mib: 64, order: 'sequential' },
      ],
      profiler: 'perf',
    });
  });

  it('take the counter and the repeats of a program that is counted anyway', () => {
    expect(parseFindings({}, { countWith: 'strace', countRepeats: '5' })).toMatchObject({
      counter: 'strace',
      repeats: 5,
    });
  });

  it.each(['', '1,,2', '1025', '8:backwards', '-1'])('refuse --touch=%s', (list) => {
    expect(() => parsed(`--touch=${list}`)).toThrow(
      '--touch: expected a list of MIB, MIB:random or MIB:sequential, separated by commas, got "',
    );
  });
});

describe('output', () => {
  const parsed = (text: string) => parseOutput(raw(declareOutput, words(text)));
  const DEFAULT = { resultsFolder: 'results', reportsFolder: 'reports', json: false, quiet: false };

  it('goes to results and reports', () => {
    expect(parsed('')).toEqual(DEFAULT);
    expect(parsed('--results r -o p --json -q')).toEqual({
      resultsFolder: 'r',
      reportsFolder: 'p',
      json: true,
      quiet: true,
    });
  });

  it('has no report on request, and an older name for its folder', () => {
    expect(parsed('--no-report').reportsFolder).toBeNull();
    expect(parsed('--reports p').reportsFolder).toBe('p');
    expect(parsed('--reports p --no-report').reportsFolder).toBeNull();
    expect(() => parsed('--reports p --report q')).toThrow('--report cannot be combined with --reports');
  });

  it('is exported to files', () => {
    expect(parseExports(raw(declareExports))).toEqual({});
    expect(parseExports(raw(declareExports, words('--export-csv a.csv --export-gobench -')))).toEqual({
      csv: 'a.csv',
      gobench: '-',
    });
  });
});

describe('the view of a filter', () => {
  const parsed = (text: string) => parseView(raw(declareView, words(text)));

  it('is the dearest calls of the own architecture', () => {
    expect(parsed('')).toEqual({ section: null, sort: 'dearest', limit: null, call: null, disassemble: false });
  });

  it('takes an order, a number of rows, and one call', () => {
    expect(parsed('--sort name --limit 0 --section all --call personality,0x20008,1 --disassemble')).toEqual({
      section: 'all',
      sort: 'name',
      limit: 0,
      call: { name: 'personality', args: [0x2_0008n, 1n] },
      disassemble: true,
    });
    expect(parsed('--call read').call).toEqual({ name: 'read' });
  });

  it.each([
    ['257', { name: '257' }],
    ['0x101', { name: '257' }],
    ['0XFF', { name: '255' }],
    ['openat(0xffffffff,0,0)', { name: 'openat', args: [0xffff_ffffn, 0n, 0n] }],
    ['257(-100,0x0)', { name: '257', args: [2n ** 64n - 100n, 0n] }],
    ['getpid()', { name: 'getpid', args: [] }],
    ['personality,-1', { name: 'personality', args: [2n ** 64n - 1n] }],
    ['personality,-0x8000000000000000', { name: 'personality', args: [2n ** 63n] }],
  ])('takes the call %s', (text, call) => {
    expect(parsed(`--call=${text}`).call).toEqual(call);
  });

  it.each([
    ['--limit=ten', '--limit: expected a whole number from 0 to 999,999, got "ten"'],
    ['--sort=names', '"names" is not a view; did you mean "name"?'],
    ['--call=a,1,2,3,4,5,6,7', '--call: expected at most 6 arguments, got 7'],
    ['--call=a(1,2,3,4,5,6,7)', '--call: expected at most 6 arguments, got 7'],
    ['--call=a,18446744073709551616', '--call: expected arguments from -2^63 to 2^64-1, got "18446744073709551616"'],
    ['--call=a,-0x8000000000000001', '--call: expected arguments from -2^63 to 2^64-1, got "-0x8000000000000001"'],
    ['--call=a(1', '--call: expected the name or the number of a system call, got "a(1"'],
    ['--call=4294967296', '--call: expected the name or the number of a system call, got "4294967296"'],
  ])('refuses %s', (text, message) => {
    expect(() => parsed(text)).toThrow(message);
  });

  it('may be that of a process', () => {
    expect([parsePid(undefined), parsePid('1')]).toEqual([undefined, 1]);
    expect(() => parsePid('0')).toThrow('--pid: expected a whole number from 1 to 4,194,304, got "0"');
  });
});

describe('the blocks of a scenario', () => {
  it('can be replaced: the count of a sequential one, the rounds of a parallel one', () => {
    const sequential = makeScenario({ kind: 'sequential' });
    const parallel = makeScenario({ kind: 'parallel' });
    expect(withBlocks(sequential, '5')).toEqual({ ...sequential, count: 5 });
    expect(withBlocks(parallel, '5')).toEqual({ ...parallel, rounds: 5 });
    expect([sequential, parallel].map((one) => withBlocks(one, undefined))).toEqual([sequential, parallel]);
    expect(() => withBlocks(sequential, '0')).toThrow('--blocks: expected');
  });
});
