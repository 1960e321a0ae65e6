import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeOwnedFolder, removeOwnedFolder } from '../../process/owned-folder.js';
import { BenchError } from '../../errors.js';
import type { CallPart, CountedRun, PartCounts } from '../../model/results/syscalls.js';
import { runOnce } from './counter.js';
import type { Counter, CountRequest } from './counter.js';
import { readPerfStat, readPerfTrace } from './perf-text.js';
import type { PerfThread } from './perf-text.js';
import { Tally } from './tally.js';

export interface PerfProgram {
  readonly path: string;
  readonly version: string;
}

/** The kernel's name for a thread has room for so much (TASK_COMM_LEN less its end). */
const NAME_BYTES = 15;
const NO_WATCHING = 'perf follows the commands it starts, not a daemon that is there already';

/**
 * Counts with `perf trace -s`: much quicker than strace. It counts whole threads: the one that ended as the payload is
 * the container's, also what it
 * did as a part of the runtime before.
 */
export function perfTraceCounter({ path, version }: PerfProgram): Counter {
  return {
    facts: { name: 'perf-trace', version, split: 'thread' },
    count: (request) =>
      countInto(
        request,
        (file) => [path, 'trace', '-s', '-m', '4096', '-o', file, '--'],
        (text) => partsOf(readPerfTrace(text), request.payload),
      ),
    watch: refuse,
  };
}

/**
 * Counts with `perf stat -e raw_syscalls:sys_enter`: nearly free, and only one number for all calls of all processes.
 */
export function perfStatCounter({ path, version }: PerfProgram): Counter {
  return {
    facts: { name: 'perf-stat', version, split: 'none' },
    count: (request) =>
      countInto(
        request,
        (file) => [path, 'stat', '-x,', '-e', 'raw_syscalls:sys_enter', '-o', file, '--'],
        (text) => [{ part: 'all', calls: [readPerfStat(text)], operations: [] }],
      ),
    watch: refuse,
  };
}

async function countInto(
  request: CountRequest,
  before: (file: string) => readonly string[],
  read: (text: string) => readonly PartCounts[],
): Promise<CountedRun> {
  const { path: folder } = makeOwnedFolder('perf');
  try {
    const { command } = request;
    const output = join(folder, 'output');
    const [file = '', ...args] = before(output);
    const run = await runOnce({ file, args: [...args, command.file, ...command.args], env: command.env }, request);
    if (!existsSync(output))
      throw new BenchError(
        'environment',
        `Expected counts from perf, got none: ${run.stderr.trim().split('\n')[0] ?? ''}`,
      );
    return { run, parts: read(readFileSync(output, 'utf8')) };
  } finally {
    removeOwnedFolder(folder);
  }
}

function partsOf(threads: readonly PerfThread[], payload: string | null): readonly PartCounts[] {
  const name = payload === null ? null : payload.slice(payload.lastIndexOf('/') + 1).slice(0, NAME_BYTES);
  const order: readonly CallPart[] = name === null ? ['all'] : ['runtime', 'container'];
  return order.flatMap((part) => {
    const tally = new Tally();
    for (const thread of threads)
      if (name === null || (part === 'container') === (thread.name === name)) tally.take(thread.calls);
    return tally.isEmpty ? [] : [{ part, calls: tally.counts(), operations: [] }];
  });
}

const refuse = (): Promise<never> =>
  Promise.reject(
    new BenchError('environment', `Expected a counter that can watch a daemon, got perf: ${NO_WATCHING}`, {
      hint: 'Count with strace: --count-with strace.',
    }),
  );
