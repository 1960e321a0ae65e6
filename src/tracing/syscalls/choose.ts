import { BenchError } from '../../errors.js';
import { COUNTERS } from '../../model/results/syscalls.js';
import type { CounterChoice, CounterName, CounterRefusal } from '../../model/results/syscalls.js';
import type { Host } from '../../host/checkup/host.js';
import { versionIn } from '../../host/checkup/host.js';
import { checkPerf, checkStrace } from '../../host/checkup/tools.js';
import type { Counter } from './counter.js';
import { perfStatCounter, perfTraceCounter } from './perf-counter.js';
import { straceCounter } from './strace-counter.js';

export interface ChosenCounter {
  readonly counter: Counter;
  /** Those that come before it and cannot count here. */
  readonly refusals: readonly CounterRefusal[];
}

/**
 * Takes the counter that is asked for, or the first that works here. Throws `environment` where none does, with the
 * setting that would change it.
 */
export async function chooseCounter(choice: CounterChoice, host: Host): Promise<ChosenCounter> {
  const refusals: CounterRefusal[] = [];
  for (const name of choice === 'auto' ? COUNTERS : [choice]) {
    const tried = await tryCounter(name, host);
    if (!('reason' in tried)) return { counter: tried, refusals };
    refusals.push(tried);
  }
  const words = refusals.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  const fix = refusals.find((refusal) => refusal.fix !== null)?.fix;
  throw new BenchError('environment', `Expected something that can count system calls, got none: ${words}`, {
    hint:
      fix === undefined || fix === null
        ? 'Nothing that bench knows of would change that on this kernel.'
        : `This would change it: ${fix}`,
  });
}

/** Each is tried in earnest, on a program that does nothing. */
async function tryCounter(name: CounterName, host: Host): Promise<Counter | CounterRefusal> {
  const finding = name === 'strace' ? await checkStrace(host) : await checkPerf(host);
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

async function makeCounter(name: CounterName, host: Host): Promise<Counter> {
  const path = host.program(name === 'strace' ? 'strace' : 'perf') ?? '';
  const version = versionIn((await host.ask(path, [name === 'strace' ? '-V' : '--version']))?.stdout ?? '');
  if (name === 'perf-trace') return perfTraceCounter({ path, version });
  if (name === 'perf-stat') return perfStatCounter({ path, version });
  const help = await host.ask(path, ['--help']);
  return straceCounter({ path, version, decodesPids: (help?.stdout ?? '').includes('decode-pids') });
}
