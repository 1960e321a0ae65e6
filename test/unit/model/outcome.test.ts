import { describe, expect, it } from 'vitest';
import type { ContainerRun, Exit } from '../../../src/model/container/container.js';
import { causeOf, judge, killedBySeccomp, lastWords } from '../../../src/model/container/outcome.js';
import { nanoseconds } from '../../../src/model/time.js';

const nothing = nanoseconds(0);
const usage = {
  user: nothing,
  system: nothing,
  maxRssKiB: 0,
  minorFaults: 0,
  majorFaults: 0,
  voluntarySwitches: 0,
  involuntarySwitches: 0,
};
const run = (exit: Exit, stdout = ''): ContainerRun => ({
  exit,
  startedAt: nothing,
  wall: nothing,
  usage,
  stdout,
  stderr: '',
});
const exited = (code: number): Exit => ({ kind: 'exited', code });

describe('judging a container', () => {
  it("takes it as ok only where it exited with 0 and the payload's own words came out, whole and alone", () => {
    expect(
      [
        judge(run(exited(0), 'ok\n'), 'exit'),
        judge(run(exited(0), 'ready\n'), 'sleep'),
        judge(run(exited(0), 'seccomp 2\n'), 'seccomp'),
        judge(run(exited(0), 'seccomp -1\n'), 'seccomp'),
        judge(run(exited(0), 'ok32\n'), 'probe32'),
      ].map(({ state }) => state),
    ).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
    for (const stdout of ['ok', 'ok\nok\n', ' ok\n', 'ok32\n', 'warning\nok\n'])
      expect(judge(run(exited(0), stdout), 'exit').state).toBe('failed');
  });

  it('takes a runtime that exits with 0 and runs nothing as failed, and says what came out instead', () => {
    expect(judge(run(exited(0)), 'exit')).toEqual({
      state: 'failed',
      cause: "exit code 0, but the payload's output is missing",
    });
    expect(judge(run(exited(0), 'x'.repeat(100)), 'exit')).toEqual({
      state: 'failed',
      cause: `exit code 0, but the payload's output is "${'x'.repeat(60)}"`,
    });
  });

  it('never takes one as ok that did not exit with 0, regardless of its output', () => {
    const exits: readonly Exit[] = [
      exited(1),
      { kind: 'signalled', signal: 9 },
      { kind: 'notStarted', errno: 'ENOENT' },
      { kind: 'timedOut', afterMs: 1500 },
      { kind: 'interrupted' },
    ];
    expect(exits.map((exit) => judge(run(exit, 'ok\n'), 'exit'))).toEqual([
      { state: 'failed', cause: 'exit code 1' },
      { state: 'failed', cause: 'killed by SIGKILL' },
      { state: 'failed', cause: 'could not be started: ENOENT' },
      { state: 'timedOut', cause: 'no end within 1.5 s' },
      { state: 'interrupted', cause: 'stopped by the user' },
    ]);
  });

  it("leaves the output of a user's command alone", () => {
    expect([judge(run(exited(0), 'anything'), 'command').state, judge(run(exited(2)), 'command').state]).toEqual([
      'ok',
      'failed',
    ]);
  });
});

describe('naming a cause', () => {
  it('gives a signal without a name by its number', () => {
    expect(causeOf({ kind: 'signalled', signal: 40 })).toBe('killed by signal 40');
  });

  it('knows a seccomp kill from the kernel and one that a runtime passes on', () => {
    expect(
      [
        { kind: 'signalled', signal: 31 } as const,
        exited(159),
        { kind: 'signalled', signal: 9 } as const,
        exited(31),
        { kind: 'interrupted' } as const,
      ].map(killedBySeccomp),
    ).toEqual([true, true, false, false, false]);
  });

  it('keeps the last lines of what a runtime wrote, and of a long one its end', () => {
    expect([lastWords('a\nb\nc\nd\ne\n'), lastWords('a\nb\n\n', 1), lastWords('')]).toEqual(['b\nc\nd\ne', 'b', '']);
    expect(lastWords(`${'x'.repeat(700)}end`)).toBe(`${'x'.repeat(597)}end`);
  });
});
