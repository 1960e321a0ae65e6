import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BenchError, fileError, invalidValue, notFound } from '../../errors.js';
import { isRoot } from '../environment.js';

/** Where a daemon listens, and the folder of ca.pem, cert.pem and key.pem where it wants TLS. */
export interface DaemonEndpoint {
  /** unix:///path, tcp://host:port or ssh://[user@]host[:port]. */
  readonly host: string;
  readonly tlsDir: string | null;
  /** Where the address came from, for messages. */
  readonly source: string;
  /** The socket of this user's rootless daemon, where there is one and the address is only the default. */
  readonly rootless?: string;
}

export interface EndpointWish {
  readonly engine: 'docker' | 'podman';
  /** `--host`. */
  readonly host?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const FORMS = 'unix:///path/to.sock, tcp://host:port or ssh://user@host';

/**
 * Finds the daemon as Docker's own client does: `--host`, DOCKER_HOST, DOCKER_CONTEXT, the current context of
 * config.json, Docker's socket.
 * For Podman: `--host`, CONTAINER_HOST, its socket. Throws `usage` for a bad address and `environment` for a context
 * that is not there.
 */
export function findEndpoint(wish: EndpointWish): DaemonEndpoint {
  const endpoint = wish.engine === 'podman' ? podmanEndpoint(wish) : dockerEndpoint(wish);
  if (/^(?:unix:\/\/\/.+|tcp:\/\/[^/:]+:\d+\/?|ssh:\/\/[^/]+.*)$/.test(endpoint.host)) return endpoint;
  throw invalidValue(endpoint.source, FORMS, JSON.stringify(endpoint.host));
}

function podmanEndpoint({ host, env }: EndpointWish): DaemonEndpoint {
  if (host !== undefined) return { host, tlsDir: null, source: '--host' };
  if (isGiven(env['CONTAINER_HOST'])) return { host: env['CONTAINER_HOST'], tlsDir: null, source: 'CONTAINER_HOST' };
  const folder = isRoot() ? '/run' : (env['XDG_RUNTIME_DIR'] ?? `/run/user/${process.geteuid?.() ?? 0}`);
  return { host: `unix://${folder}/podman/podman.sock`, tlsDir: null, source: "Podman's default" };
}

function dockerEndpoint({ host, env }: EndpointWish): DaemonEndpoint {
  if (host !== undefined) return { host, tlsDir: tlsFromEnvironment(host, env), source: '--host' };
  const fromEnv = env['DOCKER_HOST'];
  if (isGiven(fromEnv)) return { host: fromEnv, tlsDir: tlsFromEnvironment(fromEnv, env), source: 'DOCKER_HOST' };
  const folder = env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker');
  const named = env['DOCKER_CONTEXT'];
  const context = isGiven(named) ? named : currentContext(folder);
  if (context === undefined || context === 'default')
    return { host: 'unix:///var/run/docker.sock', tlsDir: null, source: "Docker's default", ...rootlessSocket(env) };
  return fromContext(folder, context);
}

/** Docker's own client finds a rootless daemon by DOCKER_HOST or a context only. */
function rootlessSocket(env: EndpointWish['env']): Pick<DaemonEndpoint, 'rootless'> {
  const folder = env['XDG_RUNTIME_DIR'];
  if (!isGiven(folder) || !existsSync(join(folder, 'docker.sock'))) return {};
  return { rootless: join(folder, 'docker.sock') };
}

const isGiven = (text: string | undefined): text is string => text !== undefined && text !== '';

/** Certificates from the environment are for TCP only, and only where they are requested. */
function tlsFromEnvironment(host: string, env: EndpointWish['env']): string | null {
  if (!host.startsWith('tcp://') || !isGiven(env['DOCKER_TLS_VERIFY'])) return null;
  return isGiven(env['DOCKER_CERT_PATH'])
    ? env['DOCKER_CERT_PATH']
    : (env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker'));
}

function currentContext(folder: string): string | undefined {
  const file = join(folder, 'config.json');
  if (!existsSync(file)) return undefined;
  const { currentContext: name } = readJson(file) as { readonly currentContext?: unknown };
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** Docker keeps a context in a folder named by the SHA-256 of its name. */
function fromContext(folder: string, name: string): DaemonEndpoint {
  const digest = createHash('sha256').update(name).digest('hex');
  const file = join(folder, 'contexts/meta', digest, 'meta.json');
  if (!existsSync(file)) {
    throw notFound(`Docker context ${name}`, folder, {
      hint: 'Use docker context ls to list them, or --host for a daemon without one.',
    });
  }
  const meta = readJson(file) as { readonly Endpoints?: { readonly docker?: { readonly Host?: unknown } } };
  const host = meta.Endpoints?.docker?.Host;
  if (typeof host !== 'string' || host === '')
    throw new BenchError('environment', `${file} names no host for the Docker context ${name}`);
  const tlsDir = join(folder, 'contexts/tls', digest, 'docker');
  return { host, tlsDir: existsSync(tlsDir) ? tlsDir : null, source: `the Docker context ${name}` };
}

function readJson(file: string): object {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    throw fileError('read', file, cause, { code: 'environment' });
  }
  throw new BenchError('environment', `${file}: expected a JSON object, got another value`);
}
