import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../../errors.js';
import { lastWords } from '../../model/container/outcome.js';
import type { CallCount } from '../../model/results/syscalls.js';
import { Child } from '../../process/child.js';
import { makeOwnedFolder, removeOwnedFolder } from '../../process/files/owned-folder.js';
import { readCallTable } from '../tables/read-table.js';

const ATTACH_MS = 10_000;
const END_MS = 10_000;

/** Ends the watching and gives the calls since it began, by name. Throws `environment` where nothing was counted. */
export type EndOfWatch = () => Promise<readonly CallCount[]>;

/**
 * Counts the system calls of processes that run already, and of those that they start, with `strace -f -c -p`; resolves
 * once all are traced. Throws `environment` where strace may not trace them.
 */
export async function watchCalls(strace: string, pids: readonly number[], env: readonly string[]): Promise<EndOfWatch> {
  const { path: folder } = makeOwnedFolder('attach');
  const file = join(folder, 'counts');
  const child = new Child({
    file: strace,
    args: ['-f', '-c', '-o', file, ...pids.flatMap((pid) => ['-p', String(pid)])],
    env,
  });
  let errors = '';
  const words = (): string => (errors += child.takeErrors());
  const close = async (): Promise<void> => {
    await child[Symbol.asyncDispose]();
    removeOwnedFolder(folder);
  };
  const attached = (): boolean => pids.every((pid) => new RegExp(`Process ${pid} attached`).test(words()));
  if (!(await child.until(attached, ATTACH_MS))) {
    const said = lastWords(words(), 2);
    await close();
    throw new BenchError('environment', `strace could not attach to the server: ${said}`, {
      hint: 'Tracing requires CAP_SYS_PTRACE, or kernel.yama.ptrace_scope below 2.',
    });
  }
  return async () => {
    try {
      // strace detaches, and writes what it counted.
      if (child.ended === undefined) process.kill(child.pid, 'SIGINT');
      await child.end(END_MS);
      if (!existsSync(file)) throw new BenchError('environment', `strace wrote no counts: ${lastWords(words(), 2)}`);
      return readCallTable(readFileSync(file, 'utf8'), 'the counts of the server').calls;
    } finally {
      await close();
    }
  };
}
