#!/usr/bin/env node
import { packageVersion } from './commands/package-root.js';
import { runProgram } from './commands/program.js';
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
  cwd: process.cwd(),
  commandLine: process.argv.slice(2),
  signal: abort.signal,
};

async function readAll(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function explain(error: unknown): string {
  if (!(error instanceof BenchError)) {
    return `bench: unexpected error, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
  }
  return `bench: ${error.message}\n${error.hint === undefined ? '' : `  ${error.hint}\n`}`;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => { abort.abort(new BenchError('interrupted', `stopped by ${signal}`)); });
}
// A closed pipe (bench ... | head) is the reader's choice, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

/** Where cleaning up after an error failed as well, both are thrown in one (by `await using` as a SuppressedError); the first is why the command ended. */
function errorsIn(error: unknown): readonly unknown[] {
  if (error instanceof AggregateError) return error.errors.flatMap(errorsIn);
  if (!(error instanceof Error && error.name === 'SuppressedError' && 'error' in error && 'suppressed' in error)) return [error];
  return [...errorsIn(error.suppressed), ...errorsIn(error.error)];
}

try {
  process.exitCode = await runProgram(terminal.commandLine, packageVersion(), terminal);
} catch (error) {
  const errors = errorsIn(error);
  for (const one of errors) terminal.err(explain(one));
  process.exitCode = errors[0] instanceof BenchError ? exitCodeFor(errors[0].code) : 1;
}
