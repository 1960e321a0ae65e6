import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Daemon } from '../../src/engine/docker/daemon.js';
import { BenchError, interrupted } from '../../src/errors.js';
import { FakeDaemon, TAMPERS } from './fake-daemon.js';
import type { Tamper } from './fake-daemon.js';

vi.mock(import('../../src/engine/waiting/deadlines.js'), async (original) => ({
  ...(await original()),
  CONNECT_MS: 2000 as never,
  ASK_MS: 200 as never,
  CHANGE_MS: 200 as never,
  REMOVE_MS: 200 as never,
  LOAD_IMAGE_MS: 200 as never,
  SETTLE_MS: 100 as never,
  ASK_AFTER_STOP_MS: 50 as never,
}));

let fake: FakeDaemon;
beforeEach(async () => {
  fake = await new FakeDaemon().listen();
});
afterEach(async () => {
  await fake[Symbol.asyncDispose]();
});

const connected = (user?: AbortSignal): Promise<Daemon> =>
  Daemon.at({ host: fake.host, tlsDir: null, source: 'the test' }, user);

/** The name of what a call rejected with. */
async function faultOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'none';
  } catch (error) {
    const { code, statusCode } = error as { readonly code?: unknown; readonly statusCode?: unknown };
    return String(code ?? statusCode ?? error);
  }
}

const CALLS: readonly (readonly [string, RegExp, (daemon: Daemon) => Promise<unknown>])[] = [
  ['info', /^GET \/info$/, (daemon) => daemon.info()],
  ['load', /^POST \/images\/load$/, (daemon) => daemon.load(Buffer.from('x'))],
  ['image', /^GET \/images\//, (daemon) => daemon.inspectImage('one')],
  ['create', /^POST \/containers\/create$/, (daemon) => daemon.create({ name: 'one' })],
  ['inspect', /^GET \/containers\/one\/json$/, (daemon) => daemon.inspect('one')],
  ['kill', /^POST \/containers\/one\/kill$/, (daemon) => daemon.kill('one')],
  ['remove', /^DELETE /, (daemon) => daemon.remove('one')],
  ['list', /^GET \/containers\/json$/, (daemon) => daemon.containersOf('sb-1')],
  ['images', /^GET \/images\/json$/, (daemon) => daemon.removeImagesOf('sb-1')],
];

const FAULTS: Readonly<Record<Tamper, RegExp>> = {
  silence: /^NO_ANSWER$/,
  halfHead: /^NO_ANSWER$/,
  endlessHead: /^HPE_HEADER_OVERFLOW$|^NO_ANSWER$/,
  halfBody: /^NO_ANSWER$/,
  endlessBody: /^TOO_LARGE$|^NO_ANSWER$/,
  cutBody: /^ECONNRESET$|^NO_ANSWER$/,
  redirect: /^REDIRECT$|^NO_ANSWER$/,
  garbage: /^NOT_UNDERSTOOD$|^200$|^none$/,
  wrongType: /^NOT_UNDERSTOOD$|^200$|^none$/,
  closed: /^ECONNRESET$|^NO_ANSWER$/,
};

describe('a request to a daemon', () => {
  it.each(CALLS)('ends whatever the answer is: %s', async (_, request, call) => {
    const daemon = await connected();
    for (const how of TAMPERS) {
      fake.tampered = { request, how, away: 'gopher://nowhere' };
      expect([how, await faultOf(call(daemon))]).toEqual([how, expect.stringMatching(FAULTS[how])]);
    }
  });

  it.each(['garbage', 'wrongType'] as const)(
    'is not understood where what is read of the answer is missing: %s',
    async (how) => {
      const daemon = await connected();
      fake.tampered = { request: /^GET /, how, away: '' };
      for (const call of [
        daemon.info(),
        daemon.inspect('one'),
        daemon.containersOf('sb-1'),
        daemon.inspectImage('one'),
      ])
        expect(await faultOf(call)).toBe('NOT_UNDERSTOOD');
    },
  );

  it('ends with the reason of the stop, one that makes something a moment later', async () => {
    const user = new AbortController();
    const daemon = await connected(user.signal);
    fake.tampered = { request: /./, how: 'silence', away: '' };
    const [asked, made] = [daemon.info(), daemon.create({ name: 'one' })];
    const ended: string[] = [];
    const settled = Promise.all([
      faultOf(asked).then((code) => ended.push(`asked ${code}`)),
      faultOf(made).then((code) => ended.push(`made ${code}`)),
    ]);
    await sleep(20);
    user.abort(interrupted('stopped by the test'));
    await settled;
    expect(ended).toEqual(['asked interrupted', 'made interrupted']);
    await expect(daemon.info()).rejects.toBeInstanceOf(BenchError);
  });

  it('goes on after the stop where it removes, until the daemon does not answer', async () => {
    const user = new AbortController();
    const daemon = await connected(user.signal);
    await daemon.create({ name: 'one' });
    user.abort(interrupted('stopped by the test'));
    expect(await daemon.containersOf('sb-1')).toEqual(['one']);
    await daemon.remove('one');
    expect([...fake.containers.keys()]).toEqual([]);
    fake.tampered = { request: /./, how: 'silence', away: '' };
    expect(await faultOf(daemon.containersOf('sb-1'))).toBe('NO_ANSWER');
    const before = fake.tamperedCount;
    expect(await faultOf(daemon.remove('one'))).toBe('NO_ANSWER');
    // It was not asked again.
    expect(fake.tamperedCount).toBe(before);
  });
});
