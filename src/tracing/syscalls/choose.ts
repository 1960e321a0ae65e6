import { BenchError } from '../../errors.js';
import { versionIn, type Finding } from '../../model/host/checkup.js';
import { COUNTERS } from '../../model/results/syscalls.js';
import type { CounterChoice, CounterName, CounterRefusal } from '../../model/results/syscalls.js';
import type { ToolResult } from '../../process/run-tool.js';
import type { Counter } from './counter.js';
import { perfStatCounter, perfTraceCounter } from './perf-counter.js';
import { straceCounter } from './strace-counter.js';

/** The machine that counts, as far as it matters here; every `Host` is one. */
export interface CountingHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of a program, `null` where there is none. */
  readonly program: (name: string) => string | null;
  /** Runs a program to its end; `null` where it cannot be started or does not end. */
  readonly ask: (file: string, args: readonly string[]) => Promise<ToolResult | null>;
}

/** Whether strace may trace, or perf count, on this machine, and what would change it: one of doctor's checks. */
export type CheckTool = (tool: 'strace' | 'perf') => Promise<Finding>;

/** The counter to use. */
export interface ChosenCounter {
  readonly counter: Counter;
  /** Preferred counters that do not work here. */
  readonly refusals: readonly CounterRefusal[];
}

/**
 * The counter that was asked for, or the first that works here. Throws `environment` where none does, with the setting
 * that would change it.
 */
export async function chooseCounter(
  choice: CounterChoice,
  host: CountingHost,
  check: CheckTool,
): Promise<ChosenCounter> {
  const refusals: CounterRefusal[] = [];
  for (const name of choice === 'auto' ? COUNTERS : [choice]) {
    const tried = await tryCounter(name, host, check);
    if (!('reason' in tried)) return { counter: tried, refusals };
    refusals.push(tried);
  }
  const words = refusals.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  const fix = refusals.find((refusal) => refusal.fix !== null)?.fix;
  throw new BenchError('environment', `system calls cannot be counted on this machine: ${words}`, {
    hint: fix === undefined || fix === null ? 'No known setting allows it on this kernel.' : `To allow it: ${fix}`,
  });
}

/** Each is tried for real, on a program that does nothing. */
async function tryCounter(name: CounterName, host: CountingHost, check: CheckTool): Promise<Counter | CounterRefusal> {
  const finding = await check(name === 'strace' ? 'strace' : 'perf');
  if (finding.state !== 'ok') return { name, reason: finding.found, fix: finding.fix };
  const counter = await makeCounter(name, host);
  const command = { file: host.program('true') ?? '/bin/true', args: [], env: [`PATH=${host.env['PATH'] ?? ''}`] };
  try {
    await counter.count({
      command,
      payload: null,
      timeoutMs: 10_000,
      signal: new AbortController().signal,
      stop: () => Promise.resolve(),
    });
    return counter;
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    return { name, reason: error.message, fix: null };
  }
}

async function makeCounter(name: CounterName, host: CountingHost): Promise<Counter> {
  const path = host.program(name === 'strace' ? 'strace' : 'perf') ?? '';
  const version = versionIn((await host.ask(path, [name === 'strace' ? '-V' : '--version']))?.stdout ?? '');
  if (name === 'perf-trace') return perfTraceCounter({ path, version });
  if (name === 'perf-stat') return perfStatCounter({ path, version });
  const help = await host.ask(path, ['--help']);
  return straceCounter({ path, version, decodesPids: (help?.stdout ?? '').includes('decode-pids') });
}
