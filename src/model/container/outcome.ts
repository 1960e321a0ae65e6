import { constants } from 'node:os';
import type { ContainerRun, Exit } from './container.js';
import type { Inside, PayloadMode } from './program.js';

/** Whether a container did its work; `cause` is the same text for the same cause, so that causes can be counted. */
export type Outcome =
  { readonly state: 'ok' } | { readonly state: 'failed' | 'timedOut' | 'interrupted'; readonly cause: string };

/** The payload's output in each mode. */
const EXPECTED_OUTPUT: Readonly<Record<PayloadMode, RegExp>> = {
  exit: /^ok\n$/,
  stamp: /^ok -?\d+\n$/,
  sleep: /^ready\n$/,
  seccomp: /^seccomp -?\d+\n$/,
  probe32: /^ok32\n$/,
};

/**
 * A run is ok when its process exited with 0 and the payload's output is complete: a runtime that exits with 0 without
 * running anything has failed. The output of a user's command or program does not matter.
 */
export function judge(run: ContainerRun, mode: Inside | 'command'): Outcome {
  const cause = causeOf(run.exit);
  if (run.exit.kind === 'timedOut') return { state: 'timedOut', cause };
  if (run.exit.kind === 'interrupted') return { state: 'interrupted', cause };
  if (run.exit.kind !== 'exited' || run.exit.code !== 0) return { state: 'failed', cause };
  if (mode === 'command' || typeof mode !== 'string' || EXPECTED_OUTPUT[mode].test(run.stdout)) return { state: 'ok' };
  return {
    state: 'failed',
    cause: `exit code 0, but the payload's output is \
${run.stdout === '' ? 'missing' : JSON.stringify(run.stdout.slice(0, 60))}`,
  };
}

/** How a process ended, in words. */
export function causeOf(exit: Exit): string {
  switch (exit.kind) {
    case 'exited':
      return `exit code ${exit.code}`;
    case 'signalled':
      return `killed by ${signalName(exit.signal)}`;
    case 'notStarted':
      return `could not be started: ${exit.errno}`;
    case 'refused':
      return `refused: ${exit.answer}`;
    case 'unserved':
      return exit.reason;
    case 'timedOut':
      return `no end within ${exit.afterMs / 1000} s`;
    case 'interrupted':
      return 'stopped by the user';
  }
}

function signalName(signal: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === signal)?.[0] ?? `signal ${signal}`;
}

/** The last lines of a failed program's output, at most 600 characters. */
export function lastWords(stderr: string, lines = 4): string {
  return stderr.trim().split('\n').slice(-lines).join('\n').slice(-600);
}

/** Whether seccomp killed it: by SIGSYS, or as runtimes pass that on (128 + SIGSYS). */
export function killedBySeccomp(exit: Exit): boolean {
  const { SIGSYS } = constants.signals;
  return exit.kind === 'signalled' ? exit.signal === SIGSYS : exit.kind === 'exited' && exit.code === 128 + SIGSYS;
}
