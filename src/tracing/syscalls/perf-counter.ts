import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError, needs } from '../../errors.js';
import { makeOwnedFolder, removeOwnedFolder } from '../../process/files/owned-folder.js';
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

/** Longest name of a thread (TASK_COMM_LEN - 1). */
const NAME_BYTES = 15;

/**
 * Counts with `perf trace -s`, much faster than strace. It counts whole threads: the thread that ended as the payload
 * belongs to the container, including what it did as part of the runtime before.
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
 * Counts with `perf stat -e raw_syscalls:sys_enter`: nearly free, but only one number for all calls of all processes.
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
    const run = await runOnce({ ...command, file, args: [...args, command.file, ...command.args] }, request);
    if (!existsSync(output))
      throw new BenchError('environment', `perf wrote no counts: ${run.stderr.trim().split('\n')[0] ?? ''}`);
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
    needs('counting under a daemon', 'strace: perf follows only the commands that it starts', {
      hint: 'Use --count-with strace.',
    }),
  );
