import { BenchError } from '../../errors.js';
import type { DaemonEndpoint } from './endpoint.js';
import { ownValue } from '../../model/own-value.js';

/** A failed request: the HTTP status or the errno, equal for equal causes, and the daemon's own words. */
export interface ApiFailure {
  readonly answer: string;
  readonly words: string;
  /** `null` where no answer came. */
  readonly status: number | null;
}

const CONTAINER_ID = /\b[0-9a-f]{64}\b/g;

/** Reads the error that the library threw. */
export function apiFailure(error: unknown): ApiFailure {
  if (!(error instanceof Error)) return { answer: 'an unknown failure', words: String(error), status: null };
  const { statusCode, json, code } = error as Error & {
    readonly statusCode?: unknown;
    readonly json?: unknown;
    readonly code?: unknown;
  };
  if (typeof statusCode === 'number') {
    const words = messageIn(json) ?? error.message.replace(/^\(HTTP code \d+\) .*? - /, '').trim();
    // Without container ids, equal causes have equal words.
    return { answer: `HTTP ${statusCode}`, words: words.replaceAll(CONTAINER_ID, 'ID'), status: statusCode };
  }
  return { answer: typeof code === 'string' ? code : error.name, words: error.message, status: null };
}

function messageIn(json: unknown): string | undefined {
  const { message } = (json ?? {}) as { readonly message?: unknown };
  return typeof message === 'string' ? message : undefined;
}

const NO_DAEMON: Readonly<Record<string, string>> = {
  ENOENT: 'no such socket',
  ECONNREFUSED: 'nothing listens there',
  EACCES: 'permission denied',
  ENOTFOUND: 'no such host',
  ABORT_ERR: 'it accepted the request and did not answer',
  ECONNRESET: 'it closes the connection: is this the socket of another program?',
};

/** A failure while the engine is being opened, as an error with advice. */
export function daemonError(error: unknown, what: string, endpoint: DaemonEndpoint): BenchError {
  if (error instanceof BenchError) return error;
  const { answer, words, status } = apiFailure(error);
  if (status !== null)
    return new BenchError('environment', `the engine at ${endpoint.host} could not ${what}: ${answer}: ${words}`, {
      cause: error,
    });
  const reason = answer.startsWith('HPE_')
    ? 'it does not speak HTTP, so it is another program'
    : ownValue(NO_DAEMON, answer);
  return new BenchError(
    'environment',
    `could not connect to the engine at ${endpoint.host} (${endpoint.source}): ${answer}: ${reason ?? words}`,
    { hint: hintFor(answer, endpoint), cause: error },
  );
}

function hintFor(answer: string, { host, rootless }: DaemonEndpoint): string {
  if (rootless !== undefined) return `A rootless daemon listens at ${rootless}: --host unix://${rootless}`;
  if (answer === 'EACCES') return 'Run it as root, or as a user who may use that socket (the group docker).';
  if (host.includes('podman')) return 'podman system service --time 0 starts one; --host names another.';
  return 'Start the daemon, or name another with --host, DOCKER_HOST or DOCKER_CONTEXT.';
}
