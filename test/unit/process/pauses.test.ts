import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { nanoseconds } from '../../../src/model/time.js';
import { Held } from '../../../src/process/pauses/held.js';
import { Standstill } from '../../../src/process/pauses/standstill.js';
import type { ThreadTime } from '../../../src/process/pauses/standstill.js';
import { watchPauses } from '../../../src/process/pauses/watch.js';
import type { PauseSources } from '../../../src/process/pauses/watch.js';
import { childrenOf, killProcess } from '../../../src/process/processes.js';

const MS = 1e6;

describe('a wait that ends too late', () => {
  const thread = { runningNs: 0, queuedNs: 0 };
  const marked = (threadClock: () => ThreadTime | null = () => ({ ...thread })): Standstill => {
    const standstill = new Standstill(threadClock);
    standstill.mark();
    return standstill;
  };

  it('is a standstill of at most the whole wait', () => {
    const standstill = marked();
    expect(standstill.waited(250 * MS, 3000 * MS)).toBe(3000 * MS);
    expect(standstill.stillNs).toBe(3000 * MS);
  });

  it('is none where it is a little late, or ends early', () => {
    const standstill = marked();
    expect([standstill.waited(250 * MS, 290 * MS), standstill.waited(250 * MS, 3 * MS)]).toEqual([0, 0]);
    expect(standstill.stillNs).toBe(0);
  });

  it('is none where the thread waited for a processor meanwhile', () => {
    let queuedNs = 0;
    const standstill = marked(() => ({ runningNs: 0, queuedNs }));
    queuedNs = 2700 * MS;
    expect(standstill.waited(250 * MS, 3000 * MS)).toBe(0);
    queuedNs = 1000 * MS;
    expect(standstill.waited(250 * MS, 3000 * MS)).toBe(2000 * MS);
  });

  it('has to be a second late where the kernel does not account for the thread', () => {
    const standstill = marked(() => null);
    expect([standstill.waited(250 * MS, 900 * MS), standstill.waited(250 * MS, 3000 * MS)]).toEqual([0, 3000 * MS]);
  });

  it('counts from the last mark, and never before the first', () => {
    const standstill = new Standstill(() => thread);
    expect(standstill.waited(250 * MS, 3000 * MS)).toBe(0);
    standstill.mark();
    standstill.waited(250 * MS, 3000 * MS);
    standstill.mark();
    expect(standstill.stillNs).toBe(0);
  });
});

/** A machine whose clocks are set by the test. */
function machine() {
  const state = { now: 0, suspendedNs: 0, thread: { runningNs: 0, queuedNs: 0 }, continued: (): void => undefined };
  const standstill = new Standstill(() => ({ ...state.thread }));
  const sources: PauseSources = {
    standstill,
    threadClock: () => ({ ...state.thread }),
    suspended: () => state.suspendedNs,
    onContinued: (listener) => {
      state.continued = listener;
      return () => {
        state.continued = () => undefined;
      };
    },
  };
  return { state, standstill, watch: () => watchPauses(() => nanoseconds(state.now), sources) };
}

describe('watching for pauses', () => {
  it('finds none where time just passes in waits for children', async () => {
    const { state, standstill, watch } = machine();
    using pauses = watch();
    for (let slice = 0; slice < 40; slice += 1) standstill.waited(250 * MS, 250 * MS);
    state.now += 10_000 * MS;
    expect(await pauses.take()).toBe(0);
  });

  it('finds none where the thread itself worked or waited for a processor', async () => {
    const { state, watch } = machine();
    using pauses = watch();
    state.now += 4000 * MS;
    state.thread.runningNs += 3000 * MS;
    state.thread.queuedNs += 900 * MS;
    expect(await pauses.take()).toBe(0);
  });

  it('finds a stop by SIGCONT, for which the time since the last look is the limit, and once', async () => {
    const { state, watch } = machine();
    using pauses = watch();
    state.now += 120 * MS;
    state.continued();
    expect(await pauses.take()).toBe(120 * MS);
    state.now += 120 * MS;
    expect(await pauses.take()).toBe(0);
  });

  it('takes the length from the wait that the stop made too long', async () => {
    const { state, standstill, watch } = machine();
    using pauses = watch();
    state.now += 9000 * MS;
    standstill.waited(250 * MS, 5000 * MS);
    standstill.waited(250 * MS, 4000 * MS - 5);
    state.continued();
    expect(await pauses.take()).toBe(9000 * MS - 5);
  });

  it('finds a freeze while an answer of a daemon was awaited', async () => {
    const { state, watch } = machine();
    using pauses = watch();
    state.now += 6000 * MS;
    expect(await pauses.take()).toBe(6000 * MS);
  });

  it('adds what the machine was suspended, which its monotonic clock does not count', async () => {
    const { state, watch } = machine();
    using pauses = watch();
    state.now += 20 * MS;
    state.suspendedNs += 3600e9;
    expect(await pauses.take()).toBe(3600e9);
    state.suspendedNs += 2 * MS;
    expect(await pauses.take()).toBe(0);
  });

  it('notices SIGCONT of this very process', async () => {
    const started = process.hrtime.bigint();
    using pauses = watchPauses(() => nanoseconds(Number(process.hrtime.bigint() - started)));
    await pauses.take();
    process.kill(process.pid, 'SIGCONT');
    expect(await pauses.take()).toBeGreaterThan(0);
    expect(process.listenerCount('SIGCONT')).toBeGreaterThan(0);
  });

  it('leaves no listener behind', () => {
    const before = process.listenerCount('SIGCONT');
    watchPauses(() => nanoseconds(0))[Symbol.dispose]();
    expect(process.listenerCount('SIGCONT')).toBe(before);
  });
});

describe('a child that somebody stopped', () => {
  const pids: number[] = [];
  const child = async (command: string): Promise<number> => {
    const { pid = 0, stdout } = spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore'] });
    pids.push(pid);
    await once(stdout, 'data');
    return pid;
  };
  afterEach(() => {
    for (const pid of pids.splice(0)) killProcess(pid);
  });

  it('is held from the look before to the look after', async () => {
    const pid = await child('echo up; exec sleep 60');
    const held = new Held(pid, nanoseconds(0));
    held.look(nanoseconds(250));
    await stop(pid);
    held.look(nanoseconds(500));
    expect(held.until(nanoseconds(500))).toEqual({ heldNs: 250 });
    process.kill(pid, 'SIGCONT');
    await expect.poll(() => stateOf(pid)).not.toBe('T');
    held.look(nanoseconds(750));
    expect(held.until(nanoseconds(9000))).toEqual({ heldNs: 500 });
  });

  it('is held until its end where it was stopped when last seen', async () => {
    const pid = await child('echo up; exec sleep 60');
    await stop(pid);
    const held = new Held(pid, nanoseconds(0));
    held.look(nanoseconds(100));
    expect(held.until(nanoseconds(900))).toEqual({ heldNs: 900 });
  });

  it('is held where what it started is stopped: a container and not its runtime', async () => {
    const pid = await child('sleep 60 & echo $!; wait');
    await expect.poll(() => childrenOf(pid).length).toBe(1);
    const inner = childrenOf(pid)[0] ?? 0;
    pids.push(inner);
    const held = new Held(pid, nanoseconds(0));
    held.look(nanoseconds(100));
    expect(held.until(nanoseconds(100))).toEqual({});
    await stop(inner);
    held.look(nanoseconds(200));
    expect(held.until(nanoseconds(200))).toEqual({ heldNs: 100 });
  });

  it('is not held where it is gone', () => {
    const held = new Held(2 ** 22 + 1, nanoseconds(0));
    held.look(nanoseconds(100));
    expect(held.until(nanoseconds(100))).toEqual({});
  });
});

const stateOf = (pid: number): string | undefined => /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];

async function stop(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await expect.poll(() => stateOf(pid)).toBe('T');
}
