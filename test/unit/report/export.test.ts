import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../src/model/results/sample.js';
import { leftOutOf, renderExport } from '../../../src/report/export/index.js';
import { readResultFolder } from '../../../src/results/index.js';
import { analyse } from '../../../src/statistics/index.js';
import { failedSample, HOST, okSample, sequential, sequentialRun } from '../results/runs.js';
import { readBencher, readCsv, readGithub, readGo, readHyperfine } from './export-formats.js';
import {
  batchesOf,
  HARD_STDERR,
  okOf,
  PARALLEL_RUN,
  PARALLEL_SAMPLES,
  runOf,
  SEQUENTIAL_RUN,
  SEQUENTIAL_SAMPLES,
} from './export-runs.js';

const ARMS = ['before', 'after', 'control'] as const;
const nameOf = (arm: string): string => `made-up/x86_64/fake/${arm}`;

/** The median of ascending or other numbers, by its definition. */
function medianOf(values: readonly number[]): number {
  const ascending = values.toSorted((a, b) => a - b);
  return (
    ((ascending[Math.floor((ascending.length - 1) / 2)] ?? NaN) +
      (ascending[Math.ceil((ascending.length - 1) / 2)] ?? NaN)) /
    2
  );
}
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const timesOf = (arm: string): readonly number[] => okOf(SEQUENTIAL_SAMPLES, arm).map(({ wallNs }) => wallNs);
const cpuOf = (arm: string): readonly number[] =>
  okOf(SEQUENTIAL_SAMPLES, arm).map(({ userNs, systemNs }) => userNs + systemNs);

describe('the hyperfine export', () => {
  const results = readHyperfine(renderExport('hyperfine', [SEQUENTIAL_RUN]));

  it('has every ok measured container of an arm, to the nanosecond and in run order', () => {
    expect(results.map(({ command }) => command)).toEqual(ARMS.map(nameOf));
    for (const [index, arm] of ARMS.entries())
      expect(results[index]?.times.map((seconds) => Math.round(seconds * 1e9))).toEqual(timesOf(arm));
  });

  it('gives the statistics of those very times', () => {
    for (const { times, mean, median, min, max, stddev, user, system, parameters } of results) {
      const own = okOf(SEQUENTIAL_SAMPLES, parameters['arm'] ?? '');
      expect([min, max]).toEqual([Math.min(...times), Math.max(...times)]);
      expect(median).toBeCloseTo(medianOf(times), 12);
      expect(mean).toBeCloseTo(meanOf(times), 12);
      expect(stddev).toBeCloseTo(
        Math.sqrt(times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (times.length - 1)),
        12,
      );
      expect(user).toBeCloseTo(meanOf(own.map(({ userNs }) => userNs)) / 1e9, 12);
      expect(system).toBeCloseTo(meanOf(own.map(({ systemNs }) => systemNs)) / 1e9, 12);
    }
  });

  it('pairs every time with exit code 0 and a memory use, because a failed container has no time', () => {
    expect(results.map(({ times }) => times.length)).toEqual([25, 25, 25]);
    for (const { times, exit_codes, memory_usage_byte, parameters } of results) {
      expect(exit_codes).toEqual(times.map(() => 0));
      expect(memory_usage_byte).toEqual(
        okOf(SEQUENTIAL_SAMPLES, parameters['arm'] ?? '').map(({ maxRssKiB }) => 1024 * maxRssKiB),
      );
    }
  });

  it('counts a whole batch as one run of a parallel scenario', () => {
    const parallelResults = readHyperfine(renderExport('hyperfine', [PARALLEL_RUN]));
    for (const { times, user, system, memory_usage_byte, parameters } of parallelResults) {
      const batches = batchesOf(PARALLEL_SAMPLES, parameters['arm'] ?? '');
      expect(times.map((seconds) => Math.round(seconds * 1e9))).toEqual(batches.map(({ wallNs }) => wallNs));
      expect(user).toBeCloseTo(meanOf(batches.map(({ userNs }) => userNs)) / 1e9, 12);
      expect(system).toBeCloseTo(meanOf(batches.map(({ systemNs }) => systemNs)) / 1e9, 12);
      expect(memory_usage_byte).toEqual(batches.map(({ maxRssKiB }) => 1024 * maxRssKiB));
      expect(parameters['containers']).toBe('3');
    }
    expect(parallelResults.map(({ times }) => times.length)).toEqual([21, 22, 21]);
  });

  it('has every field that the installed hyperfine writes, in its order and of its type', (ctx) => {
    const shape = (result: object | undefined): readonly string[] =>
      Object.entries(result ?? {}).map(([key, value]) => `${key} ${typeof value}`);
    const folder = mkdtempSync(join(tmpdir(), 'bench-hyperfine-'));
    const file = join(folder, 'own.json');
    const { error } = spawnSync(
      'hyperfine',
      ['-N', '--style', 'none', '--runs', '2', '--parameter-list', 'n', '0', '--export-json', file, 'sleep {n}'],
      { timeout: 20_000 },
    );
    const own =
      error === undefined ? (JSON.parse(readFileSync(file, 'utf8')) as { results: object[] }).results[0] : undefined;
    rmSync(folder, { recursive: true });
    if (own === undefined) ctx.skip('hyperfine is not installed');
    expect(shape(results[0]).filter((field) => field !== 'memory_usage_byte object')).toEqual(
      shape(own).filter((field) => field !== 'memory_usage_byte object'),
    );
  });

  it('has no standard deviation of a single run', () => {
    const [result] = readHyperfine(
      renderExport('hyperfine', [
        runOf(
          sequential(1),
          sequentialRun(1, () => 40),
        ),
      ]),
    );
    expect([result?.times, result?.stddev]).toEqual([[0.08], null]);
  });
});

describe('the Go benchmark export', () => {
  const { results, units } = readGo(renderExport('gobench', [SEQUENTIAL_RUN]));

  it('has one line of one iteration per container, in run order', () => {
    for (const arm of ARMS) {
      const own = results.filter(({ keys }) => keys['arm'] === arm);
      expect(own.map(({ values }) => values)).toEqual(
        okOf(SEQUENTIAL_SAMPLES, arm).map(({ wallNs, userNs, systemNs }) => ({
          'ns/op': wallNs,
          'cpu-ns/op': userNs + systemNs,
        })),
      );
      expect(new Set(own.map(({ base, iterations, procs }) => `${base} ${iterations} ${procs ?? ''}`))).toEqual(
        new Set(['Container 1 2']),
      );
    }
    expect(results).toHaveLength(75);
  });

  it('says where it was measured in the keys that Go itself uses, and which way is better', () => {
    expect(results[0]?.config).toEqual({ goos: 'linux', goarch: 'amd64', pkg: 'seccomp-bench', cpu: 'none' });
    expect(units).toEqual({ 'ns/op': 'better=lower', 'cpu-ns/op': 'better=lower' });
  });

  it('has one line per complete batch of a parallel run', () => {
    const batches = readGo(renderExport('gobench', [PARALLEL_RUN])).results;
    for (const arm of ARMS) {
      expect(batches.filter(({ keys }) => keys['arm'] === arm).map(({ base, values }) => [base, values])).toEqual(
        batchesOf(PARALLEL_SAMPLES, arm).map(({ wallNs, userNs, systemNs }) => [
          'Batch',
          { 'ns/op': wallNs, 'cpu-ns/op': userNs + systemNs },
        ]),
      );
    }
  });

  it('keeps an arm apart whose name ends like a number of processors, and blanks out of names', () => {
    const arms = [
      { name: 'before', policy: 'all' },
      { name: 'v-2', policy: 'host' },
    ] as const;
    const scenario = sequential(1, { arms, name: 'a b/c' });
    const run = runOf(
      scenario,
      [okSample('before', 0, { position: 0 }), okSample('v-2', 0, { position: 1 })],
      {},
      { pinnedCpu: 1 },
    );
    expect(readGo(renderExport('gobench', [run])).results.map(({ keys, procs }) => [keys, procs])).toEqual(
      ['before', 'v-2'].map((arm) => [{ scenario: 'a_b_c', engine: 'fake', arm }, 1]),
    );
  });

  it('has no CPU time where none was recorded', () => {
    const run = runOf(
      sequential(3),
      sequentialRun(3, () => 40).map((sample) => ({ ...sample, userNs: 0, systemNs: 0 })),
    );
    expect(readGo(renderExport('gobench', [run])).results.map(({ values }) => values)).toEqual(
      Array.from({ length: 9 }, () => ({ 'ns/op': 80e6 })),
    );
  });
});

describe('the github-action-benchmark export', () => {
  const entries = readGithub(renderExport('githubBenchmark', [SEQUENTIAL_RUN]));

  it('has the medians of wall and CPU time of every arm, and the ratios of the compared one', () => {
    expect(entries.filter(({ unit }) => unit === 'ms').map(({ name, value }) => [name, value])).toEqual(
      ARMS.flatMap((arm) => [
        [`${nameOf(arm)}: wall time`, medianOf(timesOf(arm)) / 1e6],
        [`${nameOf(arm)}: CPU time`, medianOf(cpuOf(arm)) / 1e6],
      ]),
    );
    expect(entries.filter(({ unit }) => unit !== 'ms').map(({ name, unit }) => [name, unit])).toEqual(
      ['CPU time', 'wall time'].map((metric) => [`${nameOf('after')}: ${metric} against before`, '% of before']),
    );
  });

  it('gives ratios with their 95 % interval as the report does, in percent of the baseline', () => {
    const wall = SEQUENTIAL_RUN.analysis.comparisons.find(
      ({ arm, metric }) => arm === 'after' && metric === 'wall',
    )?.estimate;
    const entry = entries.find(({ name }) => name.endsWith('wall time against before'));
    expect(entry?.value).toBe(100 * Math.exp(wall?.logRatio ?? NaN));
    const bounds = [wall?.low, wall?.high].map((bound) =>
      String(Number((100 * Math.exp(bound ?? NaN)).toPrecision(6))),
    );
    expect(entry?.range).toBe(`95 % interval ${bounds.join(' to ')}`);
    expect(entry?.extra).toContain('25 containers, 1 failed container');
  });

  it('speaks of batches where they are the unit', () => {
    const parallelEntries = readGithub(renderExport('githubBenchmark', [PARALLEL_RUN]));
    expect(parallelEntries.slice(0, 2).map(({ name, value }) => [name, value])).toEqual([
      [
        `${nameOf('before')}: makespan`,
        medianOf(batchesOf(PARALLEL_SAMPLES, 'before').map(({ wallNs }) => wallNs)) / 1e6,
      ],
      [
        `${nameOf('before')}: CPU time of a batch`,
        medianOf(batchesOf(PARALLEL_SAMPLES, 'before').map(({ userNs, systemNs }) => userNs + systemNs)) / 1e6,
      ],
    ]);
    expect(parallelEntries[0]?.extra).toContain('21 batches, 1 failed container');
  });
});

describe('the Bencher export', () => {
  const benchmarks = readBencher(renderExport('bencher', [SEQUENTIAL_RUN]));

  it('has the medians of every arm in nanoseconds between their quartiles, and the ratios of the compared one', () => {
    for (const arm of ARMS) {
      const { latency, 'cpu-time': cpu } = benchmarks[nameOf(arm)] ?? {};
      expect([latency?.value, cpu?.value]).toEqual([medianOf(timesOf(arm)), medianOf(cpuOf(arm))]);
      const quarter = timesOf(arm).toSorted((a, b) => a - b);
      expect([latency?.lower_value, latency?.upper_value]).toEqual([quarter[6], quarter[18]]);
    }
    expect(ARMS.map((arm) => Object.keys(benchmarks[nameOf(arm)] ?? {}))).toEqual([
      ['latency', 'cpu-time'],
      ['latency', 'cpu-time', 'cpu-ratio', 'wall-ratio'],
      ['latency', 'cpu-time'],
    ]);
  });

  it('leaves bounds out where so few blocks have none', () => {
    const few = readBencher(
      renderExport('bencher', [
        runOf(
          sequential(3),
          sequentialRun(3, (arm) => (arm === 'after' ? 20 : 40)),
        ),
      ]),
    );
    expect(few[nameOf('after')]?.['cpu-ratio']).toEqual({ value: expect.closeTo(0.5, 12) as number });
  });
});

describe('the CSV export', () => {
  /** The sample that a record came from. */
  function sampleOf(record: Readonly<Record<string, string>>): Record<string, unknown> {
    const keys = {
      max_rss_kib: 'maxRssKiB',
      planned_containers: 'planned',
      ok_containers: 'ok',
      failed_containers: 'failed',
    } as Readonly<Record<string, string>>;
    const present = Object.entries(record).filter(
      ([column, text]) =>
        !['run', 'scenario', 'machine', 'engine'].includes(column) &&
        (text !== '' || (column === 'stderr' && record['cause'] !== '')),
    );
    return Object.fromEntries(
      present.map(([column, text]) => [
        keys[column] ?? column.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
        column === 'warmup'
          ? text === 'true'
          : ['kind', 'arm', 'state', 'cause', 'stderr'].includes(column)
            ? text
            : Number(text),
      ]),
    );
  }

  it('gives back every sample as it was: warm-up, failures and batches, regardless of what the runtime wrote', () => {
    const records = readCsv(renderExport('csv', [SEQUENTIAL_RUN, PARALLEL_RUN]));
    expect(records.map(sampleOf)).toEqual([...SEQUENTIAL_SAMPLES, ...PARALLEL_SAMPLES]);
    expect(records.filter(({ stderr }) => stderr === HARD_STDERR)).toHaveLength(1);
    expect(new Set(records.map(({ run, engine }) => `${run ?? ''} ${engine ?? ''}`))).toEqual(
      new Set(['run-one fake', 'run-two fake']),
    );
  });

  it('has columns that stay, with their units', () => {
    expect(renderExport('csv', []).trimEnd().split(',')).toEqual([
      'run',
      'scenario',
      'machine',
      'engine',
      'kind',
      'warmup',
      'block',
      'position',
      'arm',
      'index',
      'state',
      'start_ns',
      'wall_ns',
      'user_ns',
      'system_ns',
      'max_rss_kib',
      'minor_faults',
      'major_faults',
      'voluntary_switches',
      'involuntary_switches',
      'cause',
      'stderr',
      'makespan_ns',
      'planned_containers',
      'ok_containers',
      'failed_containers',
      'failed_in',
      'attempt',
      'gap_ns',
      'partner',
      'core',
      'alone_ns',
      'stage_convert_ns',
      'stage_write_ns',
      'stage_sandbox_ns',
      'stage_create_ns',
      'stage_start_ns',
      'stage_exit_ns',
      'stage_remove_ns',
      'emulation',
      'requests',
      'requests_per_second',
      'latency_mean_ns',
      'latency_p50_ns',
      'latency_p99_ns',
      'user_instructions',
      'kernel_instructions',
    ]);
  });
});

describe('every export', () => {
  it('keeps runs of the same name apart by their results', () => {
    const again = runOf(sequential(26), SEQUENTIAL_SAMPLES, { name: 'run-three' });
    const names = (runs: Parameters<typeof renderExport>[1]): readonly string[] =>
      Object.keys(readBencher(renderExport('bencher', runs)));
    expect(names([SEQUENTIAL_RUN, again])).toEqual(
      ['run-one', 'run-three'].flatMap((run) => ARMS.map((arm) => `made-up/x86_64/fake/${run}/${arm}`)),
    );
    expect(names([again, again, again].map((run) => ({ ...run })))).toHaveLength(9);
    expect(
      new Set(readGo(renderExport('gobench', [SEQUENTIAL_RUN, again])).results.map(({ keys }) => keys['run'])),
    ).toEqual(new Set(['run-one', 'run-three']));
  });

  it('names the runs of two machines alike, but for the machine', () => {
    const arm64 = runOf(sequential(26), SEQUENTIAL_SAMPLES, {
      host: { ...HOST, machine: 'aarch64', cpuModel: 'other' },
    });
    expect(Object.keys(readBencher(renderExport('bencher', [SEQUENTIAL_RUN, arm64]))).slice(2, 4)).toEqual([
      'made-up/x86_64/fake/control',
      'made-up/aarch64/fake/before',
    ]);
    expect(readGo(renderExport('gobench', [SEQUENTIAL_RUN, arm64])).results.at(-1)?.config).toEqual({
      goos: 'linux',
      goarch: 'arm64',
      pkg: 'seccomp-bench',
      cpu: 'other',
    });
  });

  it('says what only the CSV has', () => {
    expect(leftOutOf([SEQUENTIAL_RUN, PARALLEL_RUN])).toEqual([
      ...ARMS.map(
        (arm) =>
          `${nameOf(arm).replace('fake', 'fake/run-one')}: 1 failed container left out, because failures have no time`,
      ),
      ...['before', 'after'].map(
        (arm) =>
          `${nameOf(arm).replace('fake', 'fake/run-two')}: 1 incomplete batch left out, because a batch without all its containers has no time`,
      ),
    ]);
  });

  it('is empty but valid where everything failed, and says so', () => {
    const samples: readonly Sample[] = [
      failedSample('before', 0),
      failedSample('after', 0),
      failedSample('control', 0),
    ];
    const run = runOf(sequential(1), samples);
    expect(readHyperfine(renderExport('hyperfine', [run]))).toEqual([]);
    expect(readGo(renderExport('gobench', [run])).results).toEqual([]);
    expect(readGithub(renderExport('githubBenchmark', [run]))).toEqual([]);
    expect(readBencher(renderExport('bencher', [run]))).toEqual({});
    expect(readCsv(renderExport('csv', [run]))).toHaveLength(3);
    expect(leftOutOf([run])[0]).toBe(`${nameOf('before')}: left out, because no container succeeded`);
  });

  it('gives no ratio of a comparison that is invalid, and says so', () => {
    const { analysis } = SEQUENTIAL_RUN;
    const run = {
      ...SEQUENTIAL_RUN,
      analysis: {
        ...analysis,
        comparisons: analysis.comparisons.map((one) => ({ ...one, verdict: 'invalid' as const })),
      },
    };
    expect(Object.keys(readBencher(renderExport('bencher', [run]))[nameOf('after')] ?? {})).toEqual([
      'latency',
      'cpu-time',
    ]);
    expect(readGithub(renderExport('githubBenchmark', [run])).filter(({ unit }) => unit !== 'ms')).toEqual([]);
    expect(leftOutOf([run]).filter((line) => line.includes('invalid'))).toEqual([
      `${nameOf('after')}: its ratio to before is left out (cpu, wall), because the comparison is invalid`,
    ]);
  });

  it('holds exactly the samples of a real run', () => {
    const result = readResultFolder(join(import.meta.dirname, '../../../results/example-x86_64-runc'));
    const run = { run: result, analysis: analyse(result, { margin: 0.01 }) };
    const exported = readHyperfine(renderExport('hyperfine', [run]));
    const lines = readGo(renderExport('gobench', [run])).results;
    for (const { times, parameters } of exported) {
      const walls = okOf(result.samples, parameters['arm'] ?? '').map(({ wallNs }) => wallNs);
      expect(walls).toHaveLength(100);
      expect(times.map((seconds) => Math.round(seconds * 1e9))).toEqual(walls);
      expect(
        lines.filter(({ keys }) => keys['arm'] === parameters['arm']).map(({ values }) => values['ns/op']),
      ).toEqual(walls);
    }
    expect(readCsv(renderExport('csv', [run]))).toHaveLength(result.samples.length);
  });
});
