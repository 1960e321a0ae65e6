import { libseccompVersion } from '../../filter/index.js';
import { checkHost, ENGINES, takeFingerprint, thisHost } from '../../host/index.js';
import { packageVersion } from '../../host/package-root.js';
import { CHECKUP_VERSION } from '../../model/host/checkup.js';
import type { Checkup } from '../../model/host/checkup.js';
import type { Io } from '../../model/io.js';
import { tryEngine, tryLoadedFilter, tryProbe32, tryWorkspace, type TriedEngine } from './tries.js';

/**
 * Finds out what this machine can do, what it lacks and what would fix that. Every engine of `--engine auto` is tried
 * with one container. `self` is the command line of this check, for fixes that repeat it as root.
 */
export async function examine(self: string, io: Io): Promise<Checkup> {
  const host = thisHost(io.env, self);
  // Read before any engine is tried: that adds to the load, and crun may change this process's view of cgroups.
  const seen = [
    ...(await checkHost(host, libseccompVersion())),
    await tryLoadedFilter(host),
    await tryProbe32(),
    await tryWorkspace(host, io),
  ];
  const engines: TriedEngine[] = [];
  for (const entry of ENGINES) {
    io.signal.throwIfAborted();
    engines.push(await tryEngine(entry, { host, seen }, io));
  }
  const working = engines.flatMap(({ started }) => (started === null ? [] : [started]));
  const engine = working.find(({ automatic }) => automatic) ?? working[0] ?? null;
  const { os, kernel, machine } = takeFingerprint({ bench: packageVersion(), libseccomp: null });
  return {
    formatVersion: CHECKUP_VERSION,
    bench: packageVersion(),
    os,
    kernel,
    machine,
    mainJob: { canRun: engine !== null, engine },
    findings: [...engines.map(({ finding }) => finding), ...seen],
  };
}
