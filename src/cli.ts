#!/usr/bin/env node
import { addAbortSignal } from 'node:stream';
import { runProgram } from './cli/program.js';
import { canRedraw, columnsOf, isAsciiOnly, safeText, toAscii, usesColour } from './cli/terminal.js';
import { BenchError, exitCodeFor, fileError, interrupted } from './errors.js';
import { MOST_BYTES, tooLarge } from './model/bounded-file.js';
import type { Io } from './model/io.js';
import { plainLine, plainText } from './model/plain-text.js';

const abort = new AbortController();
const colour = usesColour(process.stdout, process.env);
const inLocale = isAsciiOnly(process.env) ? toAscii : (text: string) => text;
const terminal: Io = {
  out: (text) => void process.stdout.write(inLocale(safeText(text, { colour }))),
  outBytes: (bytes) => void process.stdout.write(bytes),
  err: (text) => void process.stderr.write(inLocale(safeText(text, { colour: false }))),
  stdin: readAll,
  get columns() {
    return canRedraw(process.env) ? columnsOf(process.stderr) : null;
  },
  get outColumns() {
    return columnsOf(process.stdout);
  },
  colour,
  env: process.env,
  get cwd() {
    return currentFolder();
  },
  commandLine: process.argv.slice(2),
  signal: abort.signal,
};

async function readAll(maxBytes = MOST_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  try {
    for await (const chunk of addAbortSignal(abort.signal, process.stdin)) {
      chunks.push(chunk as Buffer);
      total += (chunk as Buffer).length;
      if (total > maxBytes) throw tooLarge('standard input', maxBytes);
    }
  } catch (error) {
    abort.signal.throwIfAborted();
    if (error instanceof BenchError) throw error;
    throw fileError('read', 'standard input', error);
  }
  return Buffer.concat(chunks);
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new BenchError('environment', 'the current folder does not exist', {
      hint: 'It was removed. Change to an existing folder.',
      cause,
    });
  }
}

/** A message may quote a daemon or a program. */
const LONGEST_MESSAGE = 4000;

function explain(error: unknown): string {
  if (!(error instanceof BenchError)) {
    return `bench: unexpected error, please report it: \
${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
  }
  const hint = error.hint === undefined ? '' : `  ${plainLine(error.hint, LONGEST_MESSAGE)}\n`;
  return `bench: ${plainText(error.message, LONGEST_MESSAGE)}\n${hint}`;
}

/**
 * The first signal ends the run. Removing what it created takes a moment, and a second signal must not cut that short.
 */
function onSignal(signal: NodeJS.Signals): void {
  signals += 1;
  if (signals > 2) process.exit(exitCodeFor('interrupted'));
  if (signals === 2)
    terminal.err('bench: still removing what the run created; a third signal leaves that to bench clean\n');
  abort.abort(interrupted(`stopped by ${signal}`));
}

let signals = 0;
// Not once(): without a listener the next signal would kill this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);

const output = { lost: false };
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A closed pipe (bench ... | head) is the reader's choice, not an error.
  if (error.code === 'EPIPE' || output.lost) return;
  output.lost = true;
  terminal.err(explain(fileError('write', 'standard output', error)));
  if (process.exitCode === undefined || process.exitCode === 0) process.exitCode = exitCodeFor('environment');
});
// A closed standard error must not end a run, and there is nowhere left to report it.
process.stderr.on('error', () => undefined);

/**
 * The errors in one: where cleaning up failed after another error, `await using` throws both as a SuppressedError. The
 * first is the reason why the command ended.
 */
function errorsIn(error: unknown): readonly unknown[] {
  if (error instanceof AggregateError) return error.errors.flatMap(errorsIn);
  if (!(error instanceof Error && error.name === 'SuppressedError' && 'error' in error && 'suppressed' in error))
    return [error];
  return [...errorsIn(error.suppressed), ...errorsIn(error.error)];
}

try {
  const exitCode = await runProgram(terminal.commandLine, terminal);
  process.exitCode = exitCode === 0 && output.lost ? exitCodeFor('environment') : exitCode;
} catch (error) {
  const errors = errorsIn(error);
  for (const one of errors) terminal.err(explain(one));
  process.exitCode = errors[0] instanceof BenchError ? exitCodeFor(errors[0].code) : 1;
}
