import { existsSync } from 'node:fs';
import { BenchError, needs } from '../../errors.js';

/** Where a runtime listens. */
export interface CriEndpoint {
  /** `unix:///path`. */
  readonly address: string;
  /** Where the address came from, for messages. */
  readonly source: string;
}

/** Where runtimes listen by default; the first that exists counts. */
const CRI_SOCKETS: readonly (readonly [string, string])[] = [
  ['/run/containerd/containerd.sock', 'containerd'],
  ['/run/k3s/containerd/containerd.sock', 'k3s'],
  ['/run/crio/crio.sock', 'CRI-O'],
  ['/run/isulad.sock', 'iSulad'],
];

/** As crictl has it. */
const VARIABLE = 'CONTAINER_RUNTIME_ENDPOINT';

/**
 * The socket: `--host`, CONTAINER_RUNTIME_ENDPOINT, or the first default one that exists. Throws `usage` for an address
 * that is no socket of this machine, `environment` where there is none.
 */
export function findCri(
  host: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  exists: (path: string) => boolean = existsSync,
): CriEndpoint {
  const named = env[VARIABLE];
  if (host !== undefined) return { address: socketAddress('--host', host), source: '--host' };
  if (named !== undefined && named !== '') return { address: socketAddress(VARIABLE, named), source: VARIABLE };
  const found = CRI_SOCKETS.find(([path]) => exists(path));
  if (found !== undefined) return { address: `unix://${found[0]}`, source: `the default socket of ${found[1]}` };
  const paths = CRI_SOCKETS.map(([path]) => path).join(', ');
  throw needs('--engine cri', `the socket of a CRI runtime, and none of ${paths} exists`, {
    hint: 'Start containerd, CRI-O or iSulad, or name its socket: --host unix:///path/to.sock',
  });
}

function socketAddress(option: string, host: string): string {
  if (/^unix:\/\/\/./.test(host)) return host;
  if (/^\/./.test(host)) return `unix://${host}`;
  throw new BenchError(
    'usage',
    `${option}: expected unix:///path/to.sock for --engine cri, got ${JSON.stringify(host)}`,
    {
      hint: 'CRI is spoken over a socket of this machine: the profiles and logs of containers are files here.',
    },
  );
}

/** The path of a socket's address. */
export const pathOf = (address: string): string => address.replace('unix://', '');
