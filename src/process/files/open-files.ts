import { readFileSync } from 'node:fs';
import { BenchError } from '../../errors.js';

/** Two files for a child's output and one to wait for its end. */
const FILES_PER_CHILD = 3;
/** What this process has open, and what the tools it starts between blocks need. */
const OWN_FILES = 64;

/** How many children may be in flight under a limit of open files; below 1 where there is no room for one. */
export const mostInFlight = (limit: number): number => Math.floor((limit - OWN_FILES) / FILES_PER_CHILD);

/** Throws `environment` where the limit of open files is too low for that many children in flight. */
export function assertOpenFiles(inFlight: number): void {
  const limit = openFilesLimit();
  const needed = inFlight * FILES_PER_CHILD + OWN_FILES;
  if (needed <= limit) return;
  const fitting = mostInFlight(limit);
  throw new BenchError(
    'environment',
    `${inFlight} containers in flight require ${needed} open files; the limit is ${limit}`,
    {
      hint: `Raise it (ulimit -n ${needed})${fitting > 0 ? `, or use --concurrency ${fitting}` : ''}.`,
    },
  );
}

/** The soft limit; Node raises it to the hard one at its start. */
function openFilesLimit(): number {
  const soft = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return soft === undefined || soft === 'unlimited' ? Infinity : Number(soft);
}
