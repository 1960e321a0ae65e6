// A thread that loads a filter, reports how long the kernel took, and ends. no_new_privs and the filter apply only to
// this thread.
import { parentPort, workerData } from 'node:worker_threads';
import { errnoName, loadKoffi } from '../../process/libc.js';
import type { LoadMessage } from './load-time.js';

const SYS_SECCOMP = process.arch === 'arm64' ? 277 : 317;
const SET_MODE_FILTER = 1;
const PR_SET_NO_NEW_PRIVS = 38;
/** struct sock_fprog: a 16-bit count, then at offset 8 the address of the instructions of 8 bytes each. */
const FPROG = { bytes: 16, address: 8, instruction: 8 } as const;

const koffi = loadKoffi();
const library = koffi.load('libc.so.6');
const prctl = library.func(
  'int prctl(int option, unsigned long first, unsigned long second, unsigned long third, unsigned long fourth)',
) as unknown as (...values: readonly number[]) => number;
const syscall = library.func('long syscall(long number, long operation, long flags, void *program)') as unknown as (
  number: number,
  operation: number,
  flags: number,
  program: Buffer,
) => number;

const program = Buffer.from(workerData as Uint8Array);
const fprog = Buffer.alloc(FPROG.bytes);
fprog.writeUInt16LE(program.length / FPROG.instruction, 0);
fprog.writeBigUInt64LE(koffi.address(program), FPROG.address);

prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
// The first call of a function binds it and is not timed. Without a filter the kernel refuses it.
syscall(SYS_SECCOMP, SET_MODE_FILTER, 0, Buffer.alloc(FPROG.bytes));
const started = process.hrtime.bigint();
const result = syscall(SYS_SECCOMP, SET_MODE_FILTER, 0, fprog);
const ended = process.hrtime.bigint();
const message: LoadMessage = { ns: Number(ended - started), errno: result === 0 ? null : errnoName(koffi.errno()) };
parentPort?.postMessage(message);
