import { readFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { fileError } from '../../../errors.js';
import { Patience } from '../../waiting/patience.js';
import { agreeOnApi, type DaemonVersion } from './api-version.js';
import type { DaemonEndpoint } from '../endpoint.js';
import { daemonError } from '../failures.js';
import { sshAgent } from './ssh.js';
import { sendWithDeadlines } from './transport.js';

/** A daemon that answers, and what it says of itself. */
export interface Connected {
  /** Its requests end when the user stops the run. */
  readonly docker: Docker;
  /** For requests that remove what the run made: they go on then. */
  readonly ending: Docker;
  readonly patience: Patience;
  readonly told: DaemonVersion;
}

/**
 * The library's client for an address, with a version of the API that the daemon takes. Loads the library, which is
 * slow. Throws `environment` where certificates cannot be read or no daemon answers.
 */
export async function connect(endpoint: DaemonEndpoint, user?: AbortSignal): Promise<Connected> {
  const { default: Library } = await import('dockerode');
  const patience = new Patience(user);
  try {
    const client = (goesOn: boolean): Docker => {
      const docker = new Library(connection(endpoint));
      sendWithDeadlines(docker, { patience, goesOn });
      return docker;
    };
    const [docker, ending] = [client(false), client(true)];
    return { docker, ending, patience, told: await agreeOnApi([docker, ending], endpoint) };
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
