import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '../errors.js';
import { payloadFiles } from './files.js';

/** The files of a root file system, as paths on the host. */
export interface RootfsPaths {
  readonly root: string;
  readonly payload: string;
  readonly caller: string;
  readonly loader: string;
  readonly probe32: string;
}

/** Mount points that runtimes need; without them they would create them in the root file system. */
export const MOUNT_POINTS = ['proc', 'dev', 'sys', 'tmp', 'etc'];
const MODE = 0o755;

/**
 * Makes a minimal root file system: mount points, /payload, /caller, /loader and /probe32, all with mode 755 regardless
 * of the umask, owned by this user so that rootless runtimes can use it. Copies, not links: a container must not reach
 * the package. Throws `environment` where the folder cannot be written.
 */
export async function writeRootfs(root: string, machine: string): Promise<RootfsPaths> {
  const files = payloadFiles(machine);
  const paths: RootfsPaths = {
    root,
    payload: join(root, 'payload'),
    caller: join(root, 'caller'),
    loader: join(root, 'loader'),
    probe32: join(root, 'probe32'),
  };
  try {
    await mkdir(root, { recursive: true });
    for (const folder of [root, ...MOUNT_POINTS.map((name) => join(root, name))]) {
      await mkdir(folder, { recursive: true });
      await chmod(folder, MODE);
    }
    for (const name of ['payload', 'caller', 'loader', 'probe32'] as const) {
      await copyFile(files[name], paths[name]);
      await chmod(paths[name], MODE);
    }
  } catch (cause) {
    throw fileError('write', root, cause, { hint: 'Point TMPDIR at a folder that this user may write to.' });
  }
  return paths;
}
