#!/usr/bin/env node
import { closeSync, writeSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import { canRedraw, columnsOf, isAsciiOnly, safeText, toAscii, usesColour } from './cli/terminal.js';
import { BenchError, exitCodeFor, fileError, interrupted, noCurrentFolder, systemError } from './errors.js';
import { MOST_BYTES, tooLarge } from './model/bounded-file.js';
import type { Io } from './model/io.js';
import { plainLine } from './model/plain-text.js';

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
    throw noCurrentFolder(cause);
  }
}

/** A message may quote a daemon or a program. */
const LONGEST_MESSAGE = 4000;

function explain(thrown: unknown): string {
  const error = systemError(thrown) ?? thrown;
  if (!(error instanceof BenchError)) {
    return `bench: unexpected error, please report it: \
${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
  }
  const [message, ...lines] = [error.message, ...error.details, ...(error.hint === undefined ? [] : [error.hint])].map(
    (line) => plainLine(line, LONGEST_MESSAGE),
  );
  const help = error.help === undefined ? '' : `\n${error.help}\n`;
  return `bench: ${message}\n${lines.map((line) => `  ${line}\n`).join('')}${help}`;
}

let firstSignalAt: number | undefined;
/** npm and npx pass on a Ctrl-C that the terminal has sent to bench as well: both are one. */
const SAME_SIGNAL_MS = 300;
/** After this time, a stopped command that still runs reports what it does. */
const STILL_REMOVING_MS = 3000;
/** For finding out what is left. */
const LAST_WORDS_MS = 2000;

/**
 * The first signal stops the run, which then removes what it created. The second ends the command at once, with a line
 * about what may be left. A terminal that closes sends SIGHUP more than once.
 */
function onSignal(signal: NodeJS.Signals): void {
  const isSame = firstSignalAt !== undefined && performance.now() - firstSignalAt < SAME_SIGNAL_MS;
  if (firstSignalAt === undefined) {
    firstSignalAt = performance.now();
    abort.abort(interrupted(`stopped by ${signal}`));
    setTimeout(() => {
      terminal.err('bench: still removing what the run created; a second Ctrl-C leaves that to bench clean\n');
    }, STILL_REMOVING_MS).unref();
  } else if (!isSame && signal !== 'SIGHUP') void endAtOnce();
}

/** Ends without cleaning up. */
async function endAtOnce(): Promise<void> {
  setTimeout(() => process.exit(exitCodeFor('interrupted')), LAST_WORDS_MS);
  try {
    const { leftBehind } = await import('./cli/left-behind.js');
    const left = leftBehind(terminal.cwd);
    if (left !== null) terminal.err(`bench: ended before everything was removed: ${left}\n  bench clean removes it.\n`);
  } catch {
    terminal.err('bench: ended before everything was removed\n  bench clean removes what is left.\n');
  }
  process.exit(exitCodeFor('interrupted'));
}

// Not once(): without a listener the next signal would kill this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);

const output = { lost: false };
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A closed pipe (bench ... | head) is the reader's choice, and a closed terminal the user's: no errors.
  if (error.code === 'EPIPE' || (error.code === 'EIO' && process.stdout.isTTY) || output.lost) return;
  output.lost = true;
  terminal.err(explain(fileError('write', 'standard output', error)));
});
// A closed standard error must not end a run, and there is nowhere left to report it.
process.stderr.on('error', () => undefined);

/** Node restores the modes of its terminals as it ends, and aborts where one was closed: those are given up before. */
process.on('exit', () => {
  for (const fd of [0, 1, 2]) {
    try {
      writeSync(fd, '');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EIO') closeSync(fd);
    }
  }
});

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

async function run(): Promise<number> {
  try {
    // Loaded here, where it can be told why it fails: a limit of open files may not even leave room for that.
    const { runProgram } = await import('./cli/program.js');
    return await runProgram(terminal.commandLine, terminal);
  } catch (error) {
    const errors = errorsIn(error);
    for (const one of errors) terminal.err(explain(one));
    if (abort.signal.aborted) return exitCodeFor('interrupted');
    const first = systemError(errors[0]) ?? errors[0];
    return first instanceof BenchError ? exitCodeFor(first.code) : 1;
  }
}

/** Ends whatever is still open: a connection or a timer that was left must not keep the command. */
async function end(exitCode: number): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map((stream) => written(stream)));
  process.exit(exitCode === 0 && output.lost ? exitCodeFor('environment') : exitCode);
}

const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    stream.write('', () => {
      resolve();
    });
  });

// Nothing can wake the command any more, although it still waits: without this Node would end with code 13.
process.on('beforeExit', () => {
  terminal.err(explain(new Error('the command waits for something that can no longer happen')));
  process.exit(abort.signal.aborted ? exitCodeFor('interrupted') : 1);
});

void run().then(end);
