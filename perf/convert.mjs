// What a conversion costs: bytes -> profile -> spec -> OCI JSON, against JSON.parse + JSON.stringify of the same bytes.
import { pathToFileURL } from 'node:url';
import { Bench } from 'tinybench';
import { convertProfile, serialiseSpec } from '#built/convert/index.js';
import { parseCapabilities } from '#built/model/profile/capabilities.js';
import { defaultProfile, loadProfile } from '#built/profile/index.js';

const LIMIT = 1.3;
const ROUNDS = 15;
const ROUND_MS = 40;

/** The median of the only task, in milliseconds. @param {Bench} bench */
function p50Of({ tasks: [{ result }] }) {
  if (result.state !== 'completed') throw new Error(`the task is ${result.state}`);
  return result.latency.p50;
}

/** tinybench runs its tasks one after the other; short rounds in turn keep both under the same conditions. */
async function medianNs(tasks) {
  const times = tasks.map(() => []);
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [index, task] of tasks.entries()) {
      const bench = new Bench({ time: ROUND_MS, warmup: round === 0, throws: true });
      bench.add('task', task);
      await bench.run();
      if (round > 0) times[index].push(p50Of(bench) * 1e6);
    }
  }
  return times.map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]);
}

const us = (/** @type {number} */ ns) => `${(ns / 1000).toFixed(0)} us`;

/** The rows of this figure: {figure, measured, target, met}. */
export async function convertPerf() {
  const { text, name } = defaultProfile();
  const bytes = Buffer.from(text);
  /** @type {import('#built/convert/index.js').ConvertRequest} */
  const request = {
    arch: 'amd64',
    policy: 'host',
    dialect: 'moby',
    capabilities: parseCapabilities('docker'),
    kernel: '6.1',
  };
  const [converted, copied] = await medianNs([
    () => serialiseSpec(convertProfile(loadProfile(bytes, name, { lenient: false }), request).spec),
    () => JSON.stringify(JSON.parse(bytes.toString('utf8'))),
  ]);
  const ratio = converted / copied;
  return [
    {
      figure: `convert the default profile (${bytes.length} bytes) over JSON.parse + JSON.stringify of it`,
      measured: `${ratio.toFixed(2)} (${us(converted)} over ${us(copied)}, medians of ${ROUNDS} interleaved rounds)`,
      target: `at most ${LIMIT}`,
      met: ratio <= LIMIT,
    },
  ];
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const rows = await convertPerf();
  for (const { figure, measured, target, met } of rows) {
    process.stdout.write(`${met ? 'met' : 'MISSED'}  ${figure}: ${measured}, ${target}\n`);
  }
  process.exitCode = rows.every(({ met }) => met) ? 0 : 1;
}
