import { libseccompVersion } from '../../filter/index.js';
import { findProgram } from '../../process/find.js';
import { checkHost, ENGINES, takeFingerprint, thisHost } from '../../host/index.js';
import type { Host } from '../../host/index.js';
import { CHECKUP_VERSION } from '../../model/host/checkup.js';
import type { Checkup } from '../../model/host/checkup.js';
import type { Io } from '../../model/io.js';
import { renderCheckup } from '../../report/index.js';
import { tryEngine, tryLoadedFilter, tryProbe32, tryWorkspace } from '../../experiment/doctor/tries.js';
import type { TriedEngine } from '../../experiment/doctor/tries.js';
import { packageRoot, packageVersion } from '../../package.js';

export interface DoctorOptions {
  readonly json: boolean;
}

/**
 * `bench doctor`: what this machine can do, what it lacks and what would fix that. Gives 0 where the main job can run,
 * else 2.
 */
export async function run({ json }: DoctorOptions, io: Io): Promise<number> {
  const checkup = await examine(thisHost(io.env, selfCommand(io)), io);
  io.out(
    json
      ? `${JSON.stringify(checkup, null, 2)}\n`
      : renderCheckup(checkup, { columns: io.columns ?? 80, colour: io.colour }),
  );
  return checkup.mainJob.canRun ? 0 : 2;
}

async function examine(host: Host, io: Io): Promise<Checkup> {
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

/** As root has to type it: by name where that is installed, by its files in a clone. */
function selfCommand({ env }: Io): string {
  return findProgram('bench', env['PATH']) === undefined
    ? `${process.execPath} ${packageRoot()}dist/cli.js doctor`
    : 'bench doctor';
}
