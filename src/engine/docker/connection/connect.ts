import { readFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { BenchError, fileError } from '../../../errors.js';
import { agreeOnApi, type DaemonVersion } from './api-version.js';
import type { DaemonEndpoint } from '../endpoint.js';
import { daemonError } from '../failures.js';
import { sshAgent } from './ssh.js';

/** A daemon that answers, and what it says of itself. */
export interface Connected {
  readonly docker: Docker;
  readonly told: DaemonVersion;
}

/**
 * The library's client for an address, with a version of the API that the daemon takes. Loads the library, which is
 * slow. Throws `environment` where certificates cannot be read or no daemon answers.
 */
export async function connect(endpoint: DaemonEndpoint): Promise<Connected> {
  const { default: Library } = await import('dockerode');
  try {
    const docker = new Library(connection(endpoint));
    return { docker, told: await agreeOnApi(docker, endpoint) };
  } catch (error) {
    throw daemonError(error, 'be reached', endpoint);
  }
}

/** Every field is set, so that the library takes none from the environment, which was already read. */
function connection({ host, tlsDir }: DaemonEndpoint): Docker.DockerOptions & { readonly agent?: Agent } {
  const none = {
    socketPath: undefined,
    host: undefined,
    port: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
    protocol: 'http',
    pathPrefix: '/',
  } as const;
  if (host.startsWith('unix://')) return { ...none, socketPath: host.slice('unix://'.length) };
  const url = new URL(host);
  // Requests go where the agent connects; the name only fills the Host header.
  if (url.protocol === 'ssh:') return { ...none, host: 'localhost', port: 80, agent: sshAgent(url) };
  const address = { ...none, host: url.hostname, port: url.port };
  if (tlsDir === null) return address;
  const pem = (name: string): Buffer => certificate(join(tlsDir, name));
  return { ...address, protocol: 'https', ca: pem('ca.pem'), cert: pem('cert.pem'), key: pem('key.pem') };
}

export async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  return (await bytesOf(stream)).toString('utf8');
}

/** All bytes of a stream. Throws `environment` for more than `mostBytes`. */
export async function bytesOf(stream: AsyncIterable<unknown>, mostBytes = Infinity): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > mostBytes) throw new BenchError('environment', `it is larger than ${mostBytes / 2 ** 20} MiB`);
  }
  return Buffer.concat(chunks, bytes);
}

function certificate(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw fileError('read', file, cause, {
      code: 'environment',
      hint: 'DOCKER_CERT_PATH names the folder of ca.pem, cert.pem and key.pem.',
    });
  }
}
