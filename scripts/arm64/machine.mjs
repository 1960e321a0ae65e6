// The emulated machine: one child process that ends with this one, whatever ends it.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createInterface } from 'node:readline';

/** Lines of the guest's console that begin so are news for the person who waits. */
const NEWS = 'guest: ';

/**
 * Boots the images and waits until the machine is off or the time limit is reached.
 * @returns {Promise<{ end: 'off' | 'limit' | 'failed' | 'stopped', detail: string, seconds: number }>}
 */
export async function runMachine(images, { memoryMiB, cpus, limitSeconds, serial, signal }, news) {
  const started = process.hrtime.bigint();
  // The kernel ends it where this process is killed before it can clean up.
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'qemu-system-aarch64', ...argumentsOf(images, memoryMiB, cpus)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log = createWriteStream(serial);
  let complaint = '';
  child.stderr.on('data', (data) => {
    complaint += String(data);
  });
  child.stdout.pipe(log);
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith(NEWS)) news(line.slice(NEWS.length).trim());
  });

  let end = /** @type {'off' | 'limit' | 'failed' | 'stopped'} */ ('off');
  const stop = (why) => {
    end = why;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(stop, limitSeconds * 1000, 'limit');
  const interrupted = () => {
    stop('stopped');
  };
  signal.addEventListener('abort', interrupted);
  if (signal.aborted) interrupted();
  const exit = await new Promise((resolve) => {
    child.on('error', (error) => {
      resolve({ code: null, detail: error.message });
    });
    child.on('close', (code, killed) => {
      resolve({ code, detail: complaint.trim() || String(killed ?? code) });
    });
  });
  clearTimeout(timer);
  signal.removeEventListener('abort', interrupted);
  log.end();
  await finished(log);
  if (end === 'off' && exit.code !== 0) end = 'failed';
  return { end, detail: exit.detail, seconds: Number(process.hrtime.bigint() - started) / 1e9 };
}

function argumentsOf({ kernel, initrd, root, out }, memoryMiB, cpus) {
  const disk = (name, file) => [
    '-drive',
    `if=none,id=${name},format=raw,file=${file.replaceAll(',', ',,')},cache=unsafe`,
    '-device',
    `virtio-blk-device,drive=${name},serial=${name}`,
  ];
  return [
    // This processor runs 32-bit programs too, which the proof of the architecture list needs.
    '-M',
    'virt',
    '-cpu',
    'cortex-a72',
    '-accel',
    'tcg,thread=multi',
    '-smp',
    String(cpus),
    '-m',
    String(memoryMiB),
    '-nodefaults',
    '-nographic',
    '-no-reboot',
    '-serial',
    'stdio',
    '-kernel',
    kernel,
    '-initrd',
    initrd,
    // What the kernel does against flaws of real processors only costs emulated time: a quarter of it.
    '-append',
    'console=ttyAMA0 quiet panic=-1 apparmor=0 nokaslr mitigations=off',
    ...disk('root', root),
    ...disk('out', out),
  ];
}
