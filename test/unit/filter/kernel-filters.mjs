// A thread that loads filters on itself and makes system calls under them; the filters end with it.
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

const koffi = createRequire(import.meta.url)('koffi');
const library = koffi.load('libc.so.6');
const prctl = library.func('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)');
const seccomp = library.func('syscall', 'long', ['long', 'long', 'long', 'void *']);
const call = library.func('syscall', 'long', [
  'long',
  'uint64_t',
  'uint64_t',
  'uint64_t',
  'uint64_t',
  'uint64_t',
  'uint64_t',
]);
const SYS_SECCOMP = process.arch === 'arm64' ? 277 : 317;

prctl(38, 1, 0, 0, 0);
parentPort.on('message', ({ program, calls }) => {
  const bytes = Buffer.from(program);
  const fprog = Buffer.alloc(16);
  fprog.writeUInt16LE(bytes.length / 8, 0);
  fprog.writeBigUInt64LE(koffi.address(bytes), 8);
  const loaded = Number(seccomp(SYS_SECCOMP, 1, 0, fprog)) === 0 ? 0 : koffi.errno();
  const results = calls.map((args) => {
    const result = Number(call(workerData.nr, ...args));
    return result < 0 ? koffi.errno() : 0;
  });
  parentPort.postMessage({ loaded, results });
});
