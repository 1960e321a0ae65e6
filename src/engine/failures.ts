import { BenchError, hintOfErrno, needs, notFound, type BenchErrorOptions } from '../errors.js';
import { errnoIn } from '../model/container/failure.js';

/** A caller's mistake: `prepare` comes before everything else. */
export const notPrepared = (arm: string): BenchError => new BenchError('runFailed', `arm ${arm} was not prepared`);

const PAYLOAD_HINT =
  'Where only arms with a profile fail: does it forbid execve, write, or the calls the payload sleeps with?';

/** The payload writes "ready" once it runs; `words` is what it wrote instead. */
export function payloadNotReady(words: string, container?: string): BenchError {
  const where = container === undefined ? '' : ` in container ${container}`;
  const wrote = words.trim() === '' ? 'it wrote nothing' : `it wrote ${JSON.stringify(words)}`;
  return new BenchError('runFailed', `the payload${where} did not say "ready": ${wrote}`, {
    hint: hintOfErrno(errnoIn(words) ?? '') ?? PAYLOAD_HINT,
  });
}

/** The payload's process did not become the payload; `words`: what it is instead. */
export const payloadNotRunning = (words: string, container: string): BenchError =>
  new BenchError('runFailed', `the payload in container ${container} is not running: ${words}`, {
    hint: PAYLOAD_HINT,
  });

/** A load joins the network of a server by its process, which has to be one of this machine. */
export const serverNotSeen = (engine: string): BenchError =>
  needs('a server with a load', `containers whose processes are seen here; those of ${engine} are not`, {
    hint: 'Run bench on the machine of the daemon, with a runtime that has no kernel of its own.',
  });

/** What to do where something of a run stays. */
export const CLEAN_HINT = 'bench clean tries again.';

/** What an engine still lists although its removal was requested; bench clean finds it through the run's workspace. */
export const notRemoved = (engine: string, left: readonly string[]): BenchError =>
  new BenchError('runFailed', `${engine} did not remove ${left.join(', ')}`, { hint: CLEAN_HINT });

/** The hint where the user named the runtime that was not found. */
export const CHECK_RUNTIME = 'Check --runtime.';

/** A program, named by the user or belonging to an engine, that was not found. */
export const programNotFound = (program: string, options: BenchErrorOptions = {}): BenchError =>
  program.includes('/')
    ? new BenchError('environment', `could not run ${program}: no such file, or not executable`, options)
    : notFound(program, 'PATH', options);
