import { mostInFlight } from '../../process/files/open-files.js';
import { ok, warning } from '../../model/host/checkup.js';
import type { Finding } from '../../model/host/checkup.js';
import type { Host } from './host.js';
import { formatCount } from '../../model/numbers.js';

const OPEN_FILES = { id: 'openFiles', title: 'open files' };
const PROCESSES = { id: 'processes', title: 'processes' };
/** Containers in flight in the largest published case. */
const IN_FLIGHT = 200;
/** For that many containers: a runtime written in Go has about ten threads, and starts itself twice. */
const ENOUGH_PROCESSES = 4096;

const counted = (value: number): string => (value === Infinity ? 'unlimited' : formatCount(value));

/** The soft limit in /proc/self/limits; Infinity where it is unlimited or unknown. */
function softLimit({ files }: Pick<Host, 'files'>, name: string): number {
  const soft = new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(files.read('/proc/self/limits') ?? '')?.[1];
  return soft === undefined ? Infinity : Number(soft);
}

/** Whether enough files may be open for a large batch. */
export function checkOpenFiles(host: Pick<Host, 'files'>): Finding {
  const limit = softLimit(host, 'Max open files');
  const inFlight = Math.max(0, mostInFlight(limit));
  const most = inFlight === Infinity ? 'any number of' : `up to ${counted(inFlight)}`;
  const found = `${counted(limit)}: ${most} containers in flight`;
  return inFlight >= IN_FLIGHT ? ok(OPEN_FILES, found) : warning(OPEN_FILES, found, 'ulimit -n 4096');
}

/** Whether enough processes may exist for a large batch, by the limits of this user, the kernel and the cgroup. */
export function checkProcesses(host: Pick<Host, 'files'>): Finding {
  const limits = [
    { most: softLimit(host, 'Max processes'), by: "this user's limit", fix: 'ulimit -u 32768' },
    { most: numberIn(host, '/proc/sys/kernel/pid_max'), by: 'kernel.pid_max', fix: 'sysctl -w kernel.pid_max=4194304' },
    { most: numberIn(host, `/sys/fs/cgroup${ownCgroup(host)}/pids.max`), by: 'pids.max of the cgroup', fix: null },
  ];
  const [lowest] = limits.sort((a, b) => a.most - b.most);
  if (lowest === undefined || lowest.most === Infinity) return ok(PROCESSES, 'unlimited');
  const found = `${counted(lowest.most)} (${lowest.by})`;
  return lowest.most >= ENOUGH_PROCESSES
    ? ok(PROCESSES, found)
    : warning(PROCESSES, `${found}: too few for ${IN_FLIGHT} containers in flight`, lowest.fix);
}

function numberIn({ files }: Pick<Host, 'files'>, path: string): number {
  const text = files.read(path);
  return text !== null && /^\d+$/.test(text) ? Number(text) : Infinity;
}

/** Path of this process's cgroup in the unified hierarchy. */
const ownCgroup = ({ files }: Pick<Host, 'files'>): string =>
  /^0::(\/.*)$/m.exec(files.read('/proc/self/cgroup') ?? '')?.[1] ?? '';
