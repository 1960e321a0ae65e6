import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sandbox } from './bench.js';
import type { CliResult } from './bench.js';
import { FakeDaemon } from './fake-daemon.js';
import type { Tamper } from './fake-daemon.js';

const sandbox = new Sandbox();
/** Where redirects lead; nobody may come. */
let visitors = 0;
const elsewhere = createServer((_, response) => {
  visitors += 1;
  response.end('{}');
});
let away = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    elsewhere.listen(0, '127.0.0.1', resolve);
  });
  away = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/elsewhere`;
});
afterAll(() => {
  elsewhere.close();
  sandbox[Symbol.dispose]();
});

/** Every request of a run; first those whose answers bench awaits several times, for 20 s each. */
const REQUESTS: readonly (readonly [string, RegExp])[] = [
  ['GET /containers/json', /^GET \/containers\/json$/],
  ['DELETE /containers/NAME', /^DELETE \/containers\/[^/]*$/],
  ['POST /images/load', /^POST \/images\/load$/],
  ['GET /version', /^GET \/version$/],
  ['GET /info', /^GET \/info$/],
  ['GET /images/NAME/json', /^GET \/images\/seccomp-bench:[^/]*\/json$/],
  ['POST /containers/create', /^POST \/containers\/create$/],
  ['POST /containers/NAME/attach', /^POST \/containers\/[^/]*\/attach$/],
  ['POST /containers/NAME/wait', /^POST \/containers\/[^/]*\/wait$/],
  ['POST /containers/NAME/start', /^POST \/containers\/[^/]*\/start$/],
  ['GET /containers/NAME/json', /^GET \/containers\/[^/]*\/json$/],
];

/** Of those that leave the connection open, one is enough here: test/unit/engine/docker-transport.test.ts has all. */
const ENDING: readonly Tamper[] = [
  'silence',
  'endlessHead',
  'endlessBody',
  'cutBody',
  'redirect',
  'garbage',
  'wrongType',
];
const HANGING: readonly Tamper[] = ['silence', 'halfBody'];

let folders = 0;

function start(daemon: FakeDaemon): ReturnType<Sandbox['start']> {
  // Every run has its own place for what it may leave there.
  const tmp = join(sandbox.folder, `tmp-${folders++}`);
  mkdirSync(tmp);
  const results = join(tmp, 'results');
  const args = ['sequential', '--engine', 'docker', '--host', daemon.host, '--count', '1', '--warmup', '0'];
  return sandbox.start([...args, '--no-report', '--timeout', '2', '--results', results], { TMPDIR: tmp });
}

async function tampered(request: RegExp, how: Tamper): Promise<FakeDaemon> {
  const daemon = await new FakeDaemon().listen();
  daemon.tampered = { request, how, away };
  return daemon;
}

/** What is wrong with how a run has ended: nothing where it ended in order. */
function wrongIn({ status, stderr }: CliResult, codes: readonly number[]): readonly string[] {
  return [
    ...(codes.includes(status ?? -1) ? [] : [`exit code ${status}`]),
    ...(/^\s+at .*:\d+:\d+\)?$|unexpected error|TypeError|SyntaxError/m.test(stderr) ? ['a stack trace'] : []),
    ...(codes.includes(130) || /^bench: \S/m.test(stderr) ? [] : ['no error']),
  ].map((what) => `${what}: ${stderr}`);
}

// Both at once: most of the time is spent waiting.
describe.concurrent('a daemon that answers with what is no answer', () => {
  it.each(REQUESTS)(
    'ends the run with an error that says so: %s',
    async (name, request) => {
      // Words after a loaded image do not matter: bench asks for the image next.
      const tampers = ENDING.filter((how) => !(name === 'POST /images/load' && ['garbage', 'wrongType'].includes(how)));
      const ended = await Promise.all(
        tampers.map(async (how) => {
          await using daemon = await tampered(request, how);
          const wrong = wrongIn(await start(daemon).end, [1, 2]);
          return { how, wrong, isMet: daemon.tamperedCount > 0 };
        }),
      );
      expect(ended).toEqual(tampers.map((how) => ({ how, wrong: [], isMet: true })));
      expect(visitors).toBe(0);
    },
    400_000,
  );
});

describe.concurrent('Ctrl-C', () => {
  it.each(REQUESTS)(
    'ends a run whose daemon no longer answers: %s',
    async (_, request) => {
      const ended = await Promise.all(
        HANGING.map(async (how) => {
          await using daemon = await tampered(request, how);
          const { pid, end } = start(daemon);
          while (daemon.tamperedCount === 0) await sleep(20);
          process.kill(pid, 'SIGINT');
          return { how, wrong: wrongIn(await end, [130]) };
        }),
      );
      expect(ended).toEqual(HANGING.map((how) => ({ how, wrong: [] })));
    },
    400_000,
  );
});
