import { join } from 'node:path';
import { call } from './tools.mjs';

/**
 * apt with its state, cache and sources (`state`, `status`, `cache`, `sources`) in a folder, so that this machine's own
 * packages are not touched.
 * @param {{ at: string, architecture: string, command: string }} apt
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnSyncOptions & { hint?: string }} [options]
 */
export function privateApt({ at, architecture, command }, args, options) {
  const settings = {
    'Dir::State': join(at, 'state'),
    'Dir::State::status': join(at, 'status'),
    'Dir::Cache': join(at, 'cache'),
    'Dir::Etc::sourcelist': '-',
    'Dir::Etc::sourceparts': join(at, 'sources'),
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '20',
    'APT::Get::AllowUnauthenticated': 'false',
  };
  return call(
    command,
    [...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]), ...args],
    options,
  );
}
