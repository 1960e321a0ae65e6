import os from 'node:os';
import type { HostReading, ProcessorTicks } from '../model/host/use.js';
import { processorTimes } from './cpu.js';
import { hostFilesUnder, type HostFiles } from './host-files.js';

/** How busy this machine is now. */
export function readHostUse(
  files: HostFiles = hostFilesUnder('/'),
  system: Pick<typeof os, 'cpus' | 'loadavg'> = os,
): HostReading {
  return { processors: system.cpus().length, load: system.loadavg()[0] ?? 0, ticks: ticksOf(files) };
}

function ticksOf(files: HostFiles): ProcessorTicks | null {
  const times = processorTimes(files);
  const own = ownTicks(files.read('/proc/self/stat') ?? '');
  if (times === null || own === null) return null;
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, stolen = 0] = times;
  const busy = user + nice + system + irq + soft;
  return { total: busy + idle + wait + stolen, busy, stolen, own };
}

/** Fields 14 to 17 of /proc/PID/stat: utime stime cutime cstime; the name before them may hold spaces. */
function ownTicks(stat: string): number | null {
  const times = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  return times.length === 4 && times.every(Number.isFinite) ? times.reduce((sum, time) => sum + time, 0) : null;
}
