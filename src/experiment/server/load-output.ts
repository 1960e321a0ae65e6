import { LOAD_PROGRAMS } from '../../model/results/figures/load-figures.js';
import type { LatencyFigures, LoadFigures, LoadFormat } from '../../model/results/figures/load-figures.js';

/** What a load program printed of one run. */
export type LoadReport = Omit<LoadFigures, 'cpuFrom'> & {
  /** Requests that failed, by the program's own words; `null`: none. */
  readonly failures: string | null;
};

const NO_LATENCY: LatencyFigures = { meanNs: null, p50Ns: null, p99Ns: null };
const NS = { us: 1e3, ms: 1e6, s: 1e9, m: 60e9 } as const;

/**
 * Reads the output of a load program: by the expression where there is one, else by the format that the output has.
 * `command` is the load's command line, which tells what redis-benchmark does not print. `null`: nothing in it says how
 * many requests were made in a second.
 */
export function readLoad(output: string, command: string, expression?: string): LoadReport | null {
  const text = output.replaceAll('\r', '\n');
  if (expression !== undefined) return byExpression(text, expression);
  for (const format of LOAD_PROGRAMS) {
    const report = READERS[format](text, command);
    if (report !== null) return { ...report, format };
  }
  return null;
}

type Report = Omit<LoadReport, 'format'>;
type Reader = (text: string, command: string) => Report | null;

const READERS: Readonly<Record<Exclude<LoadFormat, 'expression'>, Reader>> = {
  wrk,
  'redis-benchmark': (text, command) => redisCsv(text, command) ?? redisText(text, command),
  pgbench,
  ab,
};

const numberIn = (text: string, pattern: RegExp): number | null => {
  const found = pattern.exec(text)?.[1];
  const value = found === undefined ? Number.NaN : Number(found);
  return Number.isFinite(value) ? value : null;
};

/** `149.52us` in nanoseconds. */
function spanIn(text: string, pattern: RegExp): number | null {
  const [, value, unit] = pattern.exec(text) ?? [];
  const factor = unit === 'us' || unit === 'ms' || unit === 's' || unit === 'm' ? NS[unit] : null;
  return value === undefined || factor === null ? null : Math.round(Number(value) * factor);
}

const fromMs = (ms: number | null): number | null => (ms === null ? null : Math.round(ms * NS.ms));

/** wrk 4: `53170 requests in 1.00s`, `Requests/sec:`; percentiles with --latency. */
function wrk(text: string): Report | null {
  const requestsPerSecond = numberIn(text, /^Requests\/sec:\s+([\d.]+)/m);
  const requests = numberIn(text, /^\s*(\d+) requests in /m);
  if (requestsPerSecond === null || requests === null) return null;
  const failures = /^\s*(Socket errors: .*|Non-2xx or 3xx responses: \d+)$/m.exec(text)?.[1] ?? null;
  return {
    requests,
    requestsPerSecond,
    latency: {
      meanNs: spanIn(text, /^\s*Latency\s+([\d.]+)(us|ms|s|m)\s/m),
      p50Ns: spanIn(text, /^\s*50(?:\.\d+)?%\s+([\d.]+)(us|ms|s|m)$/m),
      p99Ns: spanIn(text, /^\s*99(?:\.0+)?%\s+([\d.]+)(us|ms|s|m)$/m),
    },
    failures,
  };
}

/** redis-benchmark makes 100,000 requests of each test where `-n` does not say otherwise. */
const redisRequests = (command: string): number => numberIn(command, /(?:^|\s)-n\s+(\d+)/) ?? 100_000;

interface RedisTest {
  readonly rps: number;
  readonly latency: LatencyFigures;
}

/** redis-benchmark --csv of Redis 6.2 and newer, with a line of names. */
function redisCsv(text: string, command: string): Report | null {
  const rows = text
    .split('\n')
    .filter((line) => /^".*"$/.test(line.trim()))
    .map((line) => line.trim().slice(1, -1).split('","'));
  const [names, ...tests] = rows;
  if (names?.[1] !== 'rps') return null;
  const cell = (row: readonly string[], name: string): number | null => {
    const value = Number(row[names.indexOf(name)] ?? Number.NaN);
    return Number.isFinite(value) ? value : null;
  };
  return ofTests(
    tests.map((row) => ({
      rps: cell(row, 'rps') ?? Number.NaN,
      latency: {
        meanNs: fromMs(cell(row, 'avg_latency_ms')),
        p50Ns: fromMs(cell(row, 'p50_latency_ms')),
        p99Ns: fromMs(cell(row, 'p99_latency_ms')),
      },
    })),
    command,
  );
}

/** Its text, whole or with -q. */
function redisText(text: string, command: string): Report | null {
  const quiet = [...text.matchAll(/: ([\d.]+) requests per second, p50=([\d.]+) msec/g)].map(
    ([, rps, p50]): RedisTest => ({
      rps: Number(rps),
      latency: { ...NO_LATENCY, p50Ns: fromMs(Number(p50)) },
    }),
  );
  if (quiet.length > 0) return ofTests(quiet, command);
  const whole = text.matchAll(
    /throughput summary: ([\d.]+) requests per second\s+latency summary \(msec\):\s+avg.*\n\s*([\d. ]+)/g,
  );
  const tests = [...whole].map(([, rps, figures = '']): RedisTest => {
    // avg min p50 p95 p99 max
    const [mean = Number.NaN, , p50 = Number.NaN, , p99 = Number.NaN] = figures.trim().split(/\s+/).map(Number);
    return {
      rps: Number(rps),
      latency: { meanNs: fromMs(mean), p50Ns: fromMs(p50), p99Ns: fromMs(p99) },
    };
  });
  return ofTests(tests, command);
}

/** Several tests run one after the other, each with the same number of requests; only one has a latency. */
function ofTests(tests: readonly RedisTest[], command: string): Report | null {
  const [first] = tests;
  if (first === undefined || tests.some(({ rps }) => !(rps > 0))) return null;
  const each = redisRequests(command);
  const seconds = tests.reduce((sum, { rps }) => sum + each / rps, 0);
  const requests = each * tests.length;
  return {
    requests,
    requestsPerSecond: requests / seconds,
    latency: tests.length === 1 ? first.latency : NO_LATENCY,
    failures: null,
  };
}

/** pgbench of PostgreSQL 9.6 to 17: a request is a transaction. */
function pgbench(text: string): Report | null {
  const requestsPerSecond =
    numberIn(text, /^tps = ([\d.]+) \((?:without initial connection time|excluding connections establishing)/m) ??
    numberIn(text, /^tps = ([\d.]+)/m);
  const requests = numberIn(text, /^number of transactions actually processed: (\d+)/m);
  if (requestsPerSecond === null || requests === null) return null;
  return {
    requests,
    requestsPerSecond,
    latency: { ...NO_LATENCY, meanNs: fromMs(numberIn(text, /^latency average = ([\d.]+) ms/m)) },
    failures: /^(number of failed transactions: [1-9].*)$/m.exec(text)?.[1] ?? null,
  };
}

/** ab of Apache 2.4, whose percentiles are whole milliseconds: its means have more digits. */
function ab(text: string): Report | null {
  const requestsPerSecond = numberIn(text, /^Requests per second:\s+([\d.]+)/m);
  const requests = numberIn(text, /^Complete requests:\s+(\d+)/m);
  if (requestsPerSecond === null || requests === null) return null;
  return {
    requests,
    requestsPerSecond,
    latency: { ...NO_LATENCY, meanNs: fromMs(numberIn(text, /^Time per request:\s+([\d.]+) \[ms\] \(mean\)/m)) },
    failures: /^((?:Failed requests|Non-2xx responses):\s+[1-9]\d*)$/m.exec(text)?.[1] ?? null,
  };
}

function byExpression(text: string, expression: string): LoadReport | null {
  const found = new RegExp(expression, 'm').exec(text);
  if (found === null) return null;
  const named = (name: string): number | null => {
    const value = Number(found.groups?.[name] ?? Number.NaN);
    return Number.isFinite(value) && value > 0 ? value : null;
  };
  const [requests, seconds] = [named('requests'), named('seconds')];
  const byCount = requests === null || seconds === null ? null : requests / seconds;
  const first = found.groups === undefined ? Number(found[1] ?? Number.NaN) : Number.NaN;
  const requestsPerSecond = named('rps') ?? byCount ?? first;
  if (!(requestsPerSecond > 0 && Number.isFinite(requestsPerSecond))) return null;
  return {
    format: 'expression',
    requests,
    requestsPerSecond,
    latency: { ...NO_LATENCY, meanNs: fromMs(named('latency_ms')) },
    failures: null,
  };
}
