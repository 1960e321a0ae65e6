import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../../errors.js';
import type { Containment } from '../../model/container/containment.js';
import type { EngineParts } from '../../model/container/container.js';
import { callIsula, containerArgs, inspect, removeContainer } from './isula.js';
import type { Isula } from './isula.js';

const CONFIGURATION = '/etc/isulad/daemon.json';

/**
 * The runtime of a container that is created, never started, and removed: no command of iSulad tells its default,
 * which is runc since November 2023 and was lcr before. `null`: this iSulad does not show it. Throws `environment`
 * where it creates no container, for example because it has no such runtime.
 */
export async function runtimeInUse(
  isula: Isula,
  parts: EngineParts,
  { asked, containment }: { readonly asked: string | null; readonly containment: Containment },
): Promise<string | null> {
  const id = `${parts.runId}-runtime`;
  const rootfs = join(parts.workspace, 'runtime-rootfs');
  await parts.writeRootfs(rootfs);
  try {
    await callIsula(
      isula,
      'create',
      ...containerArgs({ id, runId: parts.runId, rootfs, runtime: asked, profile: null, mode: 'exit', containment }),
    );
    return (await inspect(isula, id)).runtime ?? asked;
  } catch (error) {
    throw error instanceof BenchError ? refused(error, asked) : error;
  } finally {
    await removeContainer(isula, id).catch(() => undefined);
    rmSync(rootfs, { recursive: true, force: true });
  }
}

/** iSulad 2.1 says `Invalid runtime name (NAME).`, earlier versions `Runtime-NAME is invalid`. */
function refused(error: BenchError, asked: string | null): BenchError {
  if (asked !== null && /invalid runtime name|runtime-\S+ is invalid/i.test(error.message))
    return new BenchError('environment', `iSulad has no runtime named ${asked}`, {
      hint: `It has runc, lcr where it was built with it, and those under "runtimes" in ${CONFIGURATION}.`,
      cause: error,
    });
  const runtime = asked === null ? 'its default runtime' : `the runtime ${asked}`;
  return new BenchError('environment', `iSulad could not create a container with ${runtime}: ${error.message}`, {
    hint: 'Is that runtime installed where isulad runs? --runtime runc or --runtime lcr names another.',
    cause: error,
  });
}

/**
 * The runtime's program as iSulad finds it: the path in its configuration, else the name. `null` for lcr, which is a
 * library.
 */
export function programOfRuntime(name: string): string | null {
  if (name === 'lcr') return null;
  try {
    const { runtimes } = JSON.parse(readFileSync(CONFIGURATION, 'utf8')) as {
      readonly runtimes?: Readonly<Record<string, { readonly path?: string } | undefined>>;
    };
    return runtimes?.[name]?.path ?? name;
  } catch {
    return name;
  }
}
