import { BenchError } from '../../errors.js';

/** A call that failed: gRPC's code by name, equal for equal causes, and the runtime's own words on one line. */
export interface CriFailure {
  readonly answer: string;
  readonly words: string;
  /** gRPC's status code; `null` for another error. */
  readonly code: number | null;
}

/** gRPC's status codes that say something about a socket or a call (grpc.io, "Status codes and their use"). */
export const CODE = { CANCELLED: 1, DEADLINE_EXCEEDED: 4, NOT_FOUND: 5, UNIMPLEMENTED: 12, UNAVAILABLE: 14 } as const;

const NAMES: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];
const ID = /\b[0-9a-f]{64}\b/g;

/** Reads the error that a call rejected with. */
export function criFailure(error: unknown): CriFailure {
  if (!(error instanceof Error)) return { answer: 'an unknown failure', words: String(error), code: null };
  const { code, details } = error as Error & { readonly code?: unknown; readonly details?: unknown };
  if (typeof code !== 'number') return { answer: error.name, words: error.message, code: null };
  const words = typeof details === 'string' ? details : error.message;
  return {
    answer: `gRPC ${NAMES[code] ?? code}`,
    // Without the ids of containers, equal causes have equal words.
    words: words.replaceAll(ID, 'ID').replace(/\s+/g, ' ').trim(),
    code,
  };
}

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/\bENOENT\b/, 'no such socket'],
  [/\bECONNREFUSED\b/, 'nothing listens there'],
  [/\bEACCES\b/, 'permission denied'],
  [/\bENOTSOCK\b|\bEPROTOTYPE\b/, 'not a socket of a runtime'],
  [/protocol error|failed to connect|connection dropped|parse error/i, 'what listens there does not speak gRPC'],
];

/** A failure while the engine is being opened, as an error with advice. */
export function openingError(error: unknown, what: string, address: string): BenchError {
  if (error instanceof BenchError) return error;
  const { answer, words, code } = criFailure(error);
  if (code === CODE.UNIMPLEMENTED)
    return new BenchError('environment', `what listens at ${address} has no CRI v1: ${words}`, {
      hint: NO_CRI,
      cause: error,
    });
  if (code === CODE.DEADLINE_EXCEEDED)
    return new BenchError(
      'environment',
      `could not connect to a CRI runtime at ${address}: it accepted the connection and did not answer`,
      { hint: WHICH_SOCKET, cause: error },
    );
  if (code === CODE.UNAVAILABLE) {
    const reason = REASONS.find(([pattern]) => pattern.test(words))?.[1] ?? words;
    return new BenchError('environment', `could not connect to a CRI runtime at ${address}: ${reason}`, {
      hint: reason === 'permission denied' ? 'Its socket belongs to root: use sudo.' : WHICH_SOCKET,
      cause: error,
    });
  }
  return new BenchError('environment', `the runtime at ${address} could not ${what}: ${answer}: ${words}`, {
    cause: error,
  });
}

const WHICH_SOCKET =
  '--host names the socket of containerd, CRI-O or iSulad, such as unix:///run/containerd/containerd.sock.';
const NO_CRI =
  'containerd 1.6 or newer has it, unless its config.toml lists cri in disabled_plugins (Docker packages do); ' +
  'CRI-O has it since 1.23.';

/** Makes a call outside the timed path. Throws `runFailed` with the runtime's words and the hint, if one is given. */
export async function said<Answer>(what: string, call: Promise<Answer>, hint?: string): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof BenchError) throw error;
    const { answer, words, code } = criFailure(error);
    const advice =
      hint ?? (code === CODE.UNAVAILABLE ? 'Does the runtime still run? Its log shows why it ended.' : null);
    throw new BenchError('runFailed', `the runtime could not ${what}: ${answer}: ${words}`, {
      ...(advice === null ? {} : { hint: advice }),
      cause: error,
    });
  }
}
