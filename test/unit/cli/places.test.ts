import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import { BenchError } from '../../../src/errors.js';
import type { Io } from '../../../src/model/io.js';
import { callsFolder, startsFolder } from '../reporting/folders.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-places-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const io = (): Io => ({
  out: () => undefined,
  err: () => undefined,
  stdin: () => Promise.resolve(Buffer.alloc(0)),
  columns: 80,
  outColumns: 80,
  colour: false,
  env: {},
  cwd: folder,
  commandLine: [],
  // Whatever is not refused ends before its first container.
  signal: AbortSignal.abort(),
});

/** What `bench ARGV` refuses, before anything is made. */
async function refusalOf(...argv: readonly string[]): Promise<string> {
  const before = readdirSync(folder).sort();
  try {
    await runProgram(argv, io());
  } catch (error) {
    expect(readdirSync(folder).sort()).toEqual(before);
    if (error instanceof BenchError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

const put = (name: string, text = '{}'): string => {
  writeFileSync(join(folder, name), text);
  return name;
};

/** Every command that measures, with what it needs. */
const MEASURING: readonly (readonly string[])[] = [
  ['sequential', '--count', '1', '--engine', 'namespaces'],
  ['parallel', '--count', '2', '--concurrency', '1,2', '--engine', 'namespaces'],
  ['run', 'quick', '--engine', 'namespaces'],
  ['workload', '--blocks', '1', '--engine', 'namespaces', '--', '/bin/true'],
  ['percall', '--blocks', '1', '--engine', 'namespaces'],
  ['ab', '--blocks', '1', '--', '/bin/true', '---', '/bin/false'],
];

/** Options go before the words of a program. */
const withOptions = (command: readonly string[], ...options: readonly string[]): readonly string[] => {
  const at = command.indexOf('--');
  return at < 0 ? [...command, ...options] : [...command.slice(0, at), ...options, ...command.slice(at)];
};

describe.each(MEASURING.map((command) => [command[0] ?? '', command] as const))('bench %s', (name, command) => {
  it('makes no report where it makes results', async () => {
    mkdirSync(join(folder, 'data'));
    symlinkSync('data', join(folder, 'link'));
    for (const report of [
      ['--report', 'data'],
      ['--reports', './data/'],
      ['--report', 'link'],
    ])
      expect(await refusalOf(...withOptions(command, '--results', 'data', ...report))).toMatch(
        /^usage: --report (?:\.\/)?(?:data\/?|link) cannot be combined with --results /,
      );
  });

  it('writes nothing into results of an earlier run', async () => {
    const earlier = startsFolder(folder);
    const samples = join(earlier, 'samples.jsonl');
    const text = readFileSync(samples, 'utf8');
    symlinkSync(samples, join(folder, 'link.csv'));
    symlinkSync(earlier, join(folder, 'linked'));
    for (const options of [
      ['--results', earlier],
      ['--results', join(earlier, 'specs')],
      ['--report', 'linked'],
      ['--export-csv', samples],
      ['--export-csv', 'link.csv'],
      ['--export-csv', 'linked/new.csv'],
      ['--export-github-benchmark', join(earlier, 'specs/x.json')],
    ])
      expect(await refusalOf(...withOptions(command, ...options))).toMatch(
        /^usage: --(?:results|report|export-csv|export-github-benchmark): .* is in the results folder /,
      );
    expect(readFileSync(samples, 'utf8')).toBe(text);
  });

  it('writes no two exports to one file', async () => {
    put('a.csv');
    symlinkSync('a.csv', join(folder, 'b.csv'));
    linkSync(join(folder, 'a.csv'), join(folder, 'c.csv'));
    for (const other of ['./a.csv', 'b.csv', 'c.csv'])
      expect(
        await refusalOf(...withOptions(command, '--export-csv', 'a.csv', '--export-bencher', other)),
        `${name} ${other}`,
      ).toBe(`usage: --export-bencher and --export-csv both write to a.csv`);
  });

  it('puts no export where it makes a folder', async () => {
    expect(await refusalOf(...withOptions(command, '--export-csv', 'results', '--results', 'results/x'))).toBe(
      'usage: --export-csv results cannot be combined with --results results/x',
    );
  });
});

describe('an export', () => {
  const MEASURE = ['sequential', '--count', '1', '--engine', 'namespaces'];

  it.each([
    ['--profile', ['--profile', 'p.json']],
    ['--arm', ['--arm', 'mine=p.json']],
    ['--arm with keys', ['--arm', 'mine=profile=p.json,policy=host']],
    ['--arm with a library', ['--arm', 'mine=libseccomp=p.json']],
    ['--runtime', ['--engine', 'oci', '--runtime', 'p.json']],
  ])('does not replace the file of %s, by any of its names', async (_, options) => {
    put('p.json');
    symlinkSync('p.json', join(folder, 'link.json'));
    linkSync(join(folder, 'p.json'), join(folder, 'hard.json'));
    for (const target of ['p.json', 'link.json', 'hard.json'])
      expect(await refusalOf(...MEASURE, ...options, '--export-bencher', target)).toBe(
        `usage: --export-bencher: ${target} is an input of this command`,
      );
  });

  it('does not replace a scenario, nor what it names', async () => {
    const scenario = { kind: 'sequential', count: 1, profile: 'p.json', arms: ['before', 'after'] };
    put('s.json', JSON.stringify(scenario));
    put('p.json');
    for (const target of ['s.json', 'p.json'])
      expect(await refusalOf('run', 's', '--engine', 'namespaces', '--export-bencher', target)).toBe(
        `usage: --export-bencher: ${target} is an input of this command`,
      );
  });

  it('does not replace a program, its files, or a profile whose calls are priced', async () => {
    put('main.py');
    put('p.json');
    const program = ['--', '/bin/true', 'main.py'];
    expect(await refusalOf('workload', '--export-csv', 'main.py', ...program)).toMatch(/main\.py is an input/);
    expect(await refusalOf('percall', '--profile', 'p.json', '--export-csv', 'p.json')).toMatch(/p\.json is an input/);
    expect(await refusalOf('ab', '--export-csv', 'main.py', '--', '/bin/cat', 'main.py', '---', '/bin/true')).toBe(
      'usage: --export-csv: main.py is an input of this command',
    );
  });

  it('does not replace a file of a report, which would no longer be known as one', async () => {
    const results = startsFolder(folder);
    await runProgram(['report', results, '--name', 'one'], { ...io(), signal: new AbortController().signal });
    for (const name of ['summary.json', 'index.html'])
      expect(await refusalOf('report', results, '--export-csv', `reports/one/${name}`)).toMatch(
        /^usage: --export-csv: .* is a file of the report in /,
      );
  });

  it('does not replace the record of a fleet, nor the log of a node', async () => {
    mkdirSync(join(folder, 'fleet/node-1'), { recursive: true });
    for (const name of ['fleet/fleet.json', 'fleet/node-1/job.log']) {
      put(name);
      expect(await refusalOf(...MEASURE, '--export-csv', name)).toMatch(
        /^usage: --export-csv: .* is in the folder of a fleet, /,
      );
    }
  });

  it('of priced calls does not replace their results', async () => {
    const results = callsFolder(folder);
    expect(await refusalOf('percall', '--from', results, '--export-csv', join(results, 'samples.jsonl'))).toMatch(
      /is in the results folder/,
    );
  });
});

describe('other places', () => {
  it('of advice and of a fleet are not among results', async () => {
    const earlier = startsFolder(folder);
    const same = ['--results', 'out', '--report', 'out'];
    expect(await refusalOf('advise', ...same)).toBe('usage: --report out cannot be combined with --results out');
    expect(await refusalOf('advise', '--report', earlier)).toMatch(/is in the results folder/);
    const job = ['--', 'sequential', '--count', '1'];
    expect(await refusalOf('fleet', '--swarm', ...same, ...job)).toBe(
      'usage: --report out cannot be combined with --results out',
    );
    expect(await refusalOf('fleet', '--swarm', '--results', earlier, ...job)).toMatch(/is in the results folder/);
  });

  it('of counts and filters are neither results nor inputs', async () => {
    const earlier = startsFolder(folder);
    const filter = put('filter.bpf', readFileSync('/dev/null', 'utf8'));
    writeFileSync(join(earlier, 'specs/mine.bpf'), '');
    put('p.json');
    const count = ['syscalls', 'count', '--engine', 'namespaces', '--output'];
    expect(await refusalOf(...count, join(earlier, 'samples.jsonl'))).toMatch(/^usage: --output: .* is in the results/);
    expect(await refusalOf(...count, 'p.json', '--profile', 'p.json')).toMatch(/p\.json is an input of this command$/);
    const built = ['build', 'docker', '--arch', 'x86_64', '--output'];
    expect(await refusalOf(...built, join(earlier, 'specs/mine.bpf'))).toMatch(
      /^usage: --output: .* is in the results/,
    );
    linkSync(join(earlier, 'specs/mine.bpf'), join(folder, 'hard.bpf'));
    expect(await refusalOf(...built, 'hard.bpf', '--quiet')).toBe('accepted');
    expect(readFileSync(join(earlier, 'specs/mine.bpf'), 'utf8')).toBe('');
    expect(existsSync(join(folder, filter))).toBe(true);
  });

  it.each(['../../x', '..', '/etc/x', 'a/b', '', 'a\nb', 'x'.repeat(129)])('refuse the name %j', async (text) => {
    const earlier = startsFolder(folder);
    expect(await refusalOf('report', earlier, '--name', text)).toMatch(/^usage: --name: expected at most 128 letters/);
    for (const command of [['sequential'], ['parallel'], ['workload'], ['percall']])
      expect(
        await refusalOf(...command, '--arm', `${text}=p.json`, ...(command[0] === 'workload' ? ['--', 'x'] : [])),
      ).toMatch(/^usage: arms: expected a name/);
    expect(await refusalOf('ab', '--label-a', text, '--', '/bin/true', '---', '/bin/false')).toMatch(
      /^usage: --label-a: expected a name/,
    );
    put('s.json', JSON.stringify({ kind: 'sequential', count: 1, arms: [{ name: text, policy: 'host' }, 'after'] }));
    expect(await refusalOf('run', 's')).toMatch(/^input: s\.json: arms\[0\].name: expected a name/);
  });
});
