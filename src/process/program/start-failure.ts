import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { machine as hostMachine } from 'node:os';
import { BenchError, hintOfErrno, systemWords } from '../../errors.js';
import { readElf } from '../library/elf.js';

/** Why a program could not be started, by its own file. */
export interface StartFailure {
  /** The end of a sentence: `is built for aarch64, and this machine is x86_64`. */
  readonly words: string;
  readonly hint?: string;
}

/** The longest `#!` line that the kernel reads (BINPRM_BUF_SIZE). */
const HEAD_BYTES = 256;

/**
 * What an errno of a start means for this file: ENOEXEC of a program for another machine, ENOENT of a script whose
 * interpreter is missing. `undefined` where the file tells nothing more than the errno.
 */
export function startFailure(file: string, errno: string): StartFailure | undefined {
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
    if (errno === 'ENOEXEC') return notExecutable(file);
    if (errno === 'ENOENT') return withoutInterpreter(file);
  } catch {
    // A file that cannot be read tells nothing.
  }
  return undefined;
}

function notExecutable(file: string): StartFailure {
  const elf = readElf(file);
  if (elf === undefined) {
    const words = statSync(file).size === 0 ? 'is an empty file' : 'is neither an ELF program nor a script with #!';
    return { words };
  }
  if (elf.machine !== hostMachine())
    return {
      words: `is built for ${elf.machine}, and this machine is ${hostMachine()}`,
      hint: `Use one that is built for ${hostMachine()}.`,
    };
  return { words: elf.truncated ? 'is cut off: it is shorter than its headers say' : 'is no program of this kernel' };
}

function withoutInterpreter(file: string): StartFailure | undefined {
  const interpreter = interpreterOf(file);
  if (interpreter === undefined || statSync(interpreter, { throwIfNoEntry: false }) !== undefined) return undefined;
  return {
    words: `asks for the interpreter ${interpreter}, which does not exist`,
    hint: `Install what has ${interpreter}, or use a program that is made for this system.`,
  };
}

/** What runs a file: the program of its `#!`, or the loader that an ELF program names. */
function interpreterOf(file: string): string | undefined {
  const script = /^#![ \t]*([^\s\0]+)/.exec(headOf(file))?.[1];
  return script ?? readElf(file)?.interpreter;
}

function headOf(file: string): string {
  const fd = openSync(file, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.toString('latin1', 0, readSync(fd, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(fd);
  }
}

/** The same on one line, in the place of what the program would have written; empty where nothing is known. */
export function wordsOfStart(file: string, errno: string): string {
  const failure = startFailure(file, errno);
  return failure === undefined ? '' : `${file} ${failure.words}`;
}

/** `could not start /x: it is built for aarch64, and this machine is x86_64`. */
export function notStarted(file: string, errno: string, cause?: unknown): BenchError {
  const failure = startFailure(file, errno);
  const words = failure === undefined ? systemWords(errno) : `it ${failure.words}`;
  const hint = failure?.hint ?? hintOfErrno(errno);
  return new BenchError('environment', `could not start ${file}: ${words}`, {
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}
