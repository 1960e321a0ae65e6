import { faultsOf, libseccompVersion } from '../../filter/index.js';
import { checkHost, ENGINES, packageVersion, takeFingerprint, thisHost } from '../../host/index.js';
import type { InstalledLibrary } from '../../host/index.js';
import type { Checkup } from '../../model/host/checkup.js';
import type { SessionContext } from '../session/session.js';
import { tryEngine, tryLoadedFilter, tryProbe32, tryWorkspace, type TriedEngine } from './tries.js';

/**
 * Finds out what this machine can do, what it lacks and what would fix that. Every engine that is installed, and whose
 * daemon runs, is tried with one container. `self` is the command line of this check, for fixes that repeat it as root.
 */
export async function examine(self: string, context: SessionContext): Promise<Checkup> {
  const host = thisHost(context.env, self);
  // Read before any engine is tried: that adds to the load, and crun may change this process's view of cgroups.
  const seen = [
    ...(await checkHost(host, installedLibrary())),
    await tryLoadedFilter(host),
    await tryProbe32(),
    await tryWorkspace(host, context),
  ];
  const engines: TriedEngine[] = [];
  for (const entry of ENGINES) {
    context.signal.throwIfAborted();
    engines.push(await tryEngine(entry, { host, seen }, context));
  }
  const working = engines.flatMap(({ started }) => (started === null ? [] : [started]));
  const engine = working.find(({ automatic }) => automatic) ?? working[0] ?? null;
  const { os, kernel, machine } = takeFingerprint({ bench: packageVersion(), libseccomp: null });
  return {
    bench: packageVersion(),
    os,
    kernel,
    machine,
    mainJob: { canRun: engine !== null, engine },
    findings: [...engines.map(({ finding }) => finding), ...seen],
  };
}

function installedLibrary(): InstalledLibrary | null {
  const version = libseccompVersion();
  return version === null ? null : { version, faults: faultsOf(version) };
}
