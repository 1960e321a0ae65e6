import type Docker from 'dockerode';
import type { DaemonEndpoint } from '../endpoint.js';
import { apiFailure, daemonError } from '../failures.js';
import { objectIn } from './answers.js';

/** The newest version of the API that bench was tried with: that of Docker 28.5. */
const NEWEST = '1.51';

/** The answer to `GET /version`; Podman's service and old daemons may leave the limits out. */
export interface DaemonVersion {
  readonly Version: string;
  readonly Arch: string;
  readonly ApiVersion?: string;
  readonly MinAPIVersion?: string;
  readonly Components?: readonly { readonly Name: string; readonly Version: string }[];
}

/**
 * Asks the daemon which versions of its API it takes, and makes the clients use one of them from then on: the newest
 * that both know, else the daemon's oldest. A daemon that accepts the request and never answers is given up. Throws
 * `environment`.
 */
export async function agreeOnApi(clients: readonly Docker[], endpoint: DaemonEndpoint): Promise<DaemonVersion> {
  try {
    const told = await askVersion(clients);
    const chosen = apiVersionFor(told);
    if (chosen !== undefined) use(clients, chosen);
    return told;
  } catch (error) {
    throw daemonError(error, 'tell its version', endpoint);
  }
}

/** Without a version in its path, the request is answered by every daemon except those that name a limit. */
async function askVersion(clients: readonly Docker[]): Promise<DaemonVersion> {
  const [docker] = clients;
  if (docker === undefined) throw new RangeError('no client');
  try {
    return await version(docker);
  } catch (error) {
    const limit = apiLimitIn(apiFailure(error).words);
    if (limit === undefined) throw error;
    use(clients, limit);
    return await version(docker);
  }
}

const TOLD = {
  Version: 'string',
  Arch: 'string',
  ApiVersion: 'string?',
  MinAPIVersion: 'string?',
  Components: 'list?',
} as const;

async function version(docker: Docker): Promise<DaemonVersion> {
  return objectIn(await docker.version(), TOLD, 'GET /version') as DaemonVersion;
}

function use(clients: readonly Docker[], api: string): void {
  for (const { modem } of clients) (modem as { version?: string }).version = `v${api}`;
}

/** The version to use, for example `1.41`; `undefined` where the daemon names none. */
export function apiVersionFor({
  ApiVersion: newest,
  MinAPIVersion: oldest,
}: Pick<DaemonVersion, 'ApiVersion' | 'MinAPIVersion'>): string | undefined {
  if (newest === undefined || newest === '') return undefined;
  const shared = compareVersions(newest, NEWEST) < 0 ? newest : NEWEST;
  return oldest !== undefined && compareVersions(shared, oldest) < 0 ? oldest : shared;
}

/**
 * The limit that a refusal names. Docker says `client version 1.24 is too old. Minimum supported API version is 1.44,
 * please upgrade your client to a newer version`, or `... is too new. Maximum supported API version is 1.41`.
 */
export const apiLimitIn = (words: string): string | undefined =>
  /client version [\d.]+ is too (?:old|new)\. (?:Minimum|Maximum) supported API version is (\d+\.\d+)/.exec(words)?.[1];

function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}
