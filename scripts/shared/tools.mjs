import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, statfsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Failure } from './failure.mjs';

/** Some tools of Debian's lie where an ordinary user's PATH does not look. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin'];

/**
 * @param {Readonly<Record<string, string>>} programs the Debian package of each
 * @throws {Failure} naming every program that is missing, with the packages to install
 */
export function requirePrograms(programs, env) {
  const missing = Object.keys(programs).filter((name) => find(name, env) === null);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((name) => programs[name]))].join(' ');
  throw new Failure(
    2,
    `${missing.join(', ')} not found in PATH`,
    `sudo apt-get install --no-install-recommends ${packages}`,
  );
}

/** Where a program is, or null. */
export function find(name, env) {
  for (const folder of [...(env.PATH ?? '').split(delimiter).filter((part) => part !== ''), ...SYSTEM_FOLDERS]) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      /* The next folder may have it. */
    }
  }
  return null;
}

/**
 * Makes the folder and sees to it that so much fits in.
 * @param {string} options that name another folder
 * @throws {Failure} naming the folder and what is free there
 */
export function requireSpace(folder, mebibytes, what, options) {
  let stats;
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    stats = statfsSync(folder);
  } catch (error) {
    throw new Failure(2, `${folder} cannot hold ${what}: ${error.message}`, `Name another one with ${options}.`);
  }
  const free = Math.floor((stats.bavail * stats.bsize) / 2 ** 20);
  if (free >= mebibytes) return;
  throw new Failure(
    2,
    `${what} need ${mebibytes} MiB in ${folder}, and ${free} MiB are free`,
    `Free some space, or name another folder with ${options}.`,
  );
}

/** ENOENT and so on. @param {NodeJS.ErrnoException | undefined} error */
const errnoOf = (error) => error?.code;

/** Runs a program to its end and gives its standard output. @throws {Failure} with its last words */
export function call(command, args, options = {}) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    env: { ...(options.env ?? process.env), LC_ALL: 'C' },
  });
  if (status === 0) return stdout;
  const words = (stderr || stdout || '').trim().split('\n').slice(-4).join(' | ');
  const end = errnoOf(error) ?? (signal === null ? `exit code ${status}` : signal);
  throw new Failure(
    1,
    `${command} ${args[0] ?? ''} failed (${end}): ${words}`,
    options.hint ?? 'The message above is its own.',
  );
}
