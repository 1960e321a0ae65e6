import { BenchError } from '../../errors.js';
import { DaemonFault } from './connection/answers.js';
import type { FaultCode } from './connection/answers.js';
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
  if (error instanceof DaemonFault) return { answer: error.code, words: error.message, status: null };
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
  ECONNRESET: 'it closes the connection: is this the socket of another program?',
};

const FAULT_HINTS: Readonly<Record<FaultCode, string>> = {
  NO_ANSWER: 'Does the daemon hang? Its log shows what it does.',
  REDIRECT: 'Is this the address of another server?',
  NOT_UNDERSTOOD: 'Is this the address of another server, or of a proxy in front of the daemon?',
  TOO_LARGE: 'Is this the address of another server?',
};

/** The hint for a request that failed in a run; absent where the daemon refused it in its own words. */
export function hintForRun(error: unknown): string | undefined {
  if (error instanceof DaemonFault) return FAULT_HINTS[error.code];
  return apiFailure(error).status === null ? 'Does the daemon still run? Its log shows why it ended.' : undefined;
}

/** A swarm removes containers of its own accord, and the engine refuses to remove one twice at once. */
export function isBeingRemoved(error: unknown): boolean {
  const { status, words } = apiFailure(error);
  return status === 409 && words.includes('already in progress');
}

/** A failure while the engine is being opened, as an error with advice. */
export function daemonError(error: unknown, what: string, endpoint: DaemonEndpoint): BenchError {
  if (error instanceof BenchError) return error;
  const { answer, words, status } = apiFailure(error);
  if (status !== null)
    return new BenchError('environment', `the engine at ${endpoint.host} could not ${what}: ${answer}: ${words}`, {
      cause: error,
    });
  if (error instanceof DaemonFault)
    return new BenchError('environment', `the engine at ${endpoint.host} could not ${what}: ${words}`, {
      hint: FAULT_HINTS[error.code],
      cause: error,
    });
  if (isAboutTls(answer))
    return new BenchError(
      'environment',
      `no TLS connection to the engine at ${endpoint.host} (${endpoint.source}): ${words}`,
      {
        hint: 'DOCKER_CERT_PATH names the folder of ca.pem, cert.pem and key.pem: are they made for that daemon?',
        cause: error,
      },
    );
  const reason = answer.startsWith('HPE_')
    ? 'it does not speak HTTP, so it is another program'
    : ownValue(NO_DAEMON, answer);
  return new BenchError(
    'environment',
    `could not connect to the engine at ${endpoint.host} (${endpoint.source}): ${answer}: ${reason ?? words}`,
    { hint: hintFor(answer, endpoint), cause: error },
  );
}

/** Node's codes of OpenSSL's errors, and of certificates that do not fit. */
const isAboutTls = (code: string): boolean =>
  /^ERR_(?:OSSL|SSL|TLS)|CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|^EPROTO$/.test(code);

function hintFor(answer: string, { host, rootless }: DaemonEndpoint): string {
  if (rootless !== undefined) return `A rootless daemon listens at ${rootless}: --host unix://${rootless}`;
  if (answer === 'EACCES') return 'Run it as root, or as a user who may use that socket (the group docker).';
  if (host.includes('podman')) return 'podman system service --time 0 starts one; --host names another.';
  return 'Start the daemon, or name another with --host, DOCKER_HOST or DOCKER_CONTEXT.';
}
