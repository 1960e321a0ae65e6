import { describe, expect, it } from 'vitest';
import { programOfLoad } from '../../../src/experiment/server/load-program.js';
import { readLoad } from '../../../src/experiment/server/load-output.js';

// Recorded from wrk 4.1.0, redis-benchmark 7.0.15, pgbench 15 and ab 2.3 of Debian 12.
const WRK = `Running 1s test @ http://127.0.0.1:8123/
  1 threads and 4 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   149.52us  564.02us   9.53ms   96.05%
    Req/Sec    53.27k     3.80k   57.28k    80.00%
  Latency Distribution
     50%   50.00us
     75%   60.00us
     90%  146.00us
     99%    2.12ms
  53170 requests in 1.00s, 7.76MB read
Requests/sec:  52963.65
Transfer/sec:      7.73MB
`;
const REDIS_CSV = `"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
"SET","56179.77","0.585","0.168","0.471","1.327","1.927","2.383"
`;
const REDIS_TEXT = `98.000% <= 2.007 milliseconds (cumulative count 4900)
100.000% <= 4.103 milliseconds (cumulative count 5000)

Summary:
  throughput summary: 55555.55 requests per second
  latency summary (msec):
          avg       min       p50       p95       p99       max
        0.602     0.184     0.527     1.159     2.719     3.271
`;
const PGBENCH = `pgbench (15.18 (Debian 15.18-0+deb12u1))
transaction type: <builtin: select only>
scaling factor: 1
query mode: simple
number of clients: 2
number of threads: 1
maximum number of tries: 1
duration: 2 s
number of transactions actually processed: 24936
number of failed transactions: 0 (0.000%)
latency average = 0.160 ms
initial connection time = 3.938 ms
tps = 12489.730114 (without initial connection time)
`;
const AB = `Concurrency Level:      4
Time taken for tests:   0.145 seconds
Complete requests:      2000
Failed requests:        0
Requests per second:    13759.32 [#/sec] (mean)
Time per request:       0.291 [ms] (mean)
Time per request:       0.073 [ms] (mean, across all concurrent requests)
`;

describe('the output of a load program', () => {
  it('is read from wrk, with percentiles where it prints them', () => {
    expect(readLoad(WRK, 'wrk')).toEqual({
      format: 'wrk',
      requests: 53170,
      requestsPerSecond: 52963.65,
      latency: { meanNs: 149_520, p50Ns: 50_000, p99Ns: 2_120_000 },
      failures: null,
    });
    const without = WRK.replace(/ {2}Latency Distribution\n(?: {5}.*\n)+/, '');
    expect(readLoad(without, 'wrk')?.latency).toEqual({ meanNs: 149_520, p50Ns: null, p99Ns: null });
  });

  it('names requests that failed', () => {
    const failed = WRK.replace('Requests/sec', '  Non-2xx or 3xx responses: 53170\nRequests/sec');
    expect(readLoad(failed, 'wrk')?.failures).toBe('Non-2xx or 3xx responses: 53170');
    const reset = WRK.replace('Requests/sec', '  Socket errors: connect 0, read 3, write 0, timeout 0\nRequests/sec');
    expect(readLoad(reset, 'wrk')?.failures).toBe('Socket errors: connect 0, read 3, write 0, timeout 0');
    expect(readLoad(AB.replace('requests:        0', 'requests:        7'), 'ab')?.failures).toBe(
      'Failed requests:        7',
    );
    expect(readLoad(PGBENCH.replace('transactions: 0 (0.000%)', 'transactions: 9 (0.1%)'), '')?.failures).toBe(
      'number of failed transactions: 9 (0.1%)',
    );
  });

  it('is read from redis-benchmark, whose command says how many requests it makes', () => {
    expect(readLoad(REDIS_CSV, 'redis-benchmark -n 5000 --csv')).toEqual({
      format: 'redis-benchmark',
      requests: 5000,
      requestsPerSecond: 56179.77,
      latency: { meanNs: 585_000, p50Ns: 471_000, p99Ns: 1_927_000 },
      failures: null,
    });
    expect(readLoad(REDIS_CSV, 'redis-benchmark --csv')?.requests).toBe(100_000);
    expect(readLoad(REDIS_TEXT, 'redis-benchmark -n 5000 -t get')).toMatchObject({
      requests: 5000,
      requestsPerSecond: 55555.55,
      latency: { meanNs: 602_000, p50Ns: 527_000, p99Ns: 2_719_000 },
    });
    const quiet = '\rGET: rps=0.0 (overall: 0.0)\r \rGET: 50000.00 requests per second, p50=0.551 msec\n';
    expect(readLoad(quiet, 'redis-benchmark -q -n 10')).toMatchObject({ requests: 10, requestsPerSecond: 50_000 });
  });

  it('adds up the tests of redis-benchmark, which run one after the other, and gives them no latency', () => {
    const two = `${REDIS_CSV}"GET","28089.885","0.5","0.1","0.4","1","1.5","2"\n`;
    const report = readLoad(two, 'redis-benchmark -n 1000 --csv');
    expect([report?.requests, report?.latency]).toEqual([2000, { meanNs: null, p50Ns: null, p99Ns: null }]);
    expect(report?.requestsPerSecond).toBeCloseTo(2000 / (1000 / 56179.77 + 1000 / 28089.885), 3);
  });

  it('is read from pgbench, whose transactions are requests', () => {
    expect(readLoad(PGBENCH, 'pgbench -S')).toEqual({
      format: 'pgbench',
      requests: 24936,
      requestsPerSecond: 12489.730114,
      latency: { meanNs: 160_000, p50Ns: null, p99Ns: null },
      failures: null,
    });
  });

  it('is read from ab', () => {
    expect(readLoad(AB, 'ab')).toMatchObject({
      format: 'ab',
      requests: 2000,
      requestsPerSecond: 13759.32,
      latency: { meanNs: 291_000 },
    });
  });

  it('is read by an expression, by its first group or by the names of its groups', () => {
    expect(readLoad('rate: 12.5/s', 'mine', String.raw`rate: ([\d.]+)`)).toMatchObject({
      format: 'expression',
      requests: null,
      requestsPerSecond: 12.5,
    });
    const named = String.raw`(?<requests>\d+) in (?<seconds>[\d.]+) s, (?<latency_ms>[\d.]+) ms`;
    expect(readLoad('a line\n300 in 1.5 s, 2.5 ms', 'mine', named)).toMatchObject({
      requests: 300,
      requestsPerSecond: 200,
      latency: { meanNs: 2_500_000 },
    });
  });

  it('is nothing where it has no requests per second', () => {
    expect([
      readLoad('unable to connect to 127.0.0.1:8124 Connection refused\n', 'wrk'),
      readLoad('', 'redis-benchmark'),
      readLoad('rate: none', 'mine', String.raw`rate: ([\d.]+)`),
      readLoad('rate: x', 'mine', 'rate: (x)'),
      readLoad('rate: 0', 'mine', String.raw`rate: (\d+)`),
    ]).toEqual([null, null, null, null, null]);
  });
});

describe('the program of a load', () => {
  it('is the first word that sets no variable', () => {
    expect(['wrk -t1', 'A=1 B=2 wrk -d1s', '/opt/wrk'].map(programOfLoad)).toEqual(['wrk', 'wrk', '/opt/wrk']);
  });

  it('is not told where only a shell can run it', () => {
    expect(['for i in 1 2; do wrk; done', '$TOOL -x', '(wrk)', ''].map(programOfLoad)).toEqual(
      Array(4).fill(undefined),
    );
  });
});
