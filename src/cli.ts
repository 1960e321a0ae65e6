#!/usr/bin/env node
import { addAbortSignal } from 'node:stream';
import { packageVersion } from './package.js';
import { runProgram } from './cli/program.js';
import { BenchError, exitCodeFor } from './errors.js';
import type { Io } from './model/io.js';

const abort = new AbortController();
const terminal: Io = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  stdin: readAll,
  columns: process.stderr.isTTY ? process.stderr.columns : null,
  colour: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
  env: process.env,
  get cwd() {
    return currentFolder();
  },
  commandLine: process.argv.slice(2),
  signal: abort.signal,
};

async function readAll(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of addAbortSignal(abort.signal, process.stdin)) chunks.push(chunk as Buffer);
  } catch (error) {
    abort.signal.throwIfAborted();
    throw new BenchError(
      'input',
      `standard input: expected something to read, got ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  return Buffer.concat(chunks);
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new BenchError('environment', 'Expected a current folder, got one that was removed', {
      hint: 'Change to a folder that exists.',
      cause,
    });
  }
}

function explain(error: unknown): string {
  if (!(error instanceof BenchError)) {
    return `bench: unexpected error, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
  }
  return `bench: ${error.message}\n${error.hint === undefined ? '' : `  ${error.hint}\n`}`;
}

/** The first signal ends the run; removing what it made takes a moment, which the second must not cut short. */
function onSignal(signal: NodeJS.Signals): void {
  signals += 1;
  if (signals > 2) process.exit(exitCodeFor('interrupted'));
  if (signals === 2) terminal.err('bench: still removing what the run made; once more leaves that to bench clean\n');
  abort.abort(new BenchError('interrupted', `stopped by ${signal}`));
}

let signals = 0;
// Not once(): a listener that is gone makes the next signal deadly.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);

const output = { lost: false };
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A closed pipe (bench ... | head) is the reader's choice, not an error.
  if (error.code === 'EPIPE' || output.lost) return;
  output.lost = true;
  terminal.err(
    explain(new BenchError('environment', `Expected to write to standard output, got ${error.code ?? error.message}`)),
  );
  if (process.exitCode === undefined || process.exitCode === 0) process.exitCode = exitCodeFor('environment');
});
// There is nowhere to say that nobody listens; a run must not end because of it.
process.stderr.on('error', () => undefined);

/**
 * Where cleaning up after an error failed as well, both are thrown in one (by `await using` as a SuppressedError); the
 * first is why the command ended.
 */
function errorsIn(error: unknown): readonly unknown[] {
  if (error instanceof AggregateError) return error.errors.flatMap(errorsIn);
  if (!(error instanceof Error && error.name === 'SuppressedError' && 'error' in error && 'suppressed' in error))
    return [error];
  return [...errorsIn(error.suppressed), ...errorsIn(error.error)];
}

try {
  const exitCode = await runProgram(terminal.commandLine, packageVersion(), terminal);
  process.exitCode = exitCode === 0 && output.lost ? exitCodeFor('environment') : exitCode;
} catch (error) {
  const errors = errorsIn(error);
  for (const one of errors) terminal.err(explain(one));
  process.exitCode = errors[0] instanceof BenchError ? exitCodeFor(errors[0].code) : 1;
}
