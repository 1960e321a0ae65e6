import type { Containment, ContainmentLimit } from '../model/container/containment.js';
import { counted, formatCount } from './text/format.js';

/** What holds the containers of an engine: `14 capabilities, no_new_privs, ...`. */
export function containmentWords(containment: Containment): string {
  const { capabilities, noNewPrivileges, readOnlyRoot, protectedPaths, network, pids, memory } = containment;
  return [
    counted(capabilities.length, 'capability', 'capabilities'),
    ...(noNewPrivileges ? ['no_new_privs'] : []),
    ...(readOnlyRoot ? ['read-only root'] : []),
    ...(protectedPaths ? ['protected /proc'] : []),
    ...(network === 'none' ? ['no network'] : []),
    ...limitWords(pids, (most) => `${formatCount(most)} pids`),
    ...limitWords(memory, (most) => `${bytesWords(most)} of memory${isShared(memory) ? ' in all' : ''}`),
  ].join(', ');
}

/** What an engine does not hold its containers by, one phrase each; empty where it holds them by everything. */
export function uncontainedWords({
  noNewPrivileges,
  readOnlyRoot,
  protectedPaths,
  network,
  pids,
  memory,
}: Containment): readonly string[] {
  return [
    ...(noNewPrivileges ? [] : ['new privileges']),
    ...(readOnlyRoot ? [] : ['a writable root']),
    ...(protectedPaths ? [] : ['a writable /proc/sys']),
    ...(network === 'none' ? [] : ["the machine's network"]),
    ...(pids.kind === 'none' ? [`no pids limit (${pids.reason})`] : []),
    ...(memory.kind === 'none' ? [`no memory limit (${memory.reason})`] : []),
  ];
}

/** Both, for a table. */
export function containmentCell(containment: Containment): string {
  const lacks = uncontainedWords(containment);
  return `${containmentWords(containment)}${lacks.length === 0 ? '' : `; but ${lacks.join(', ')}`}`;
}

const isShared = (limit: ContainmentLimit): boolean => limit.kind === 'cgroup' && limit.of === 'run';

function limitWords(limit: ContainmentLimit, words: (most: number) => string): readonly string[] {
  return limit.kind === 'none' ? [] : [words(limit.most)];
}

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** Whole MiB below 10 GiB, then GiB with a digit. */
const bytesWords = (bytes: number): string =>
  bytes < 10 * GIB ? `${formatCount(Math.round(bytes / MIB))} MiB` : `${(bytes / GIB).toFixed(1)} GiB`;
