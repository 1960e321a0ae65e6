import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../shared/failure.mjs';
import { takeOut } from './image.mjs';
import { runMachine } from './machine.mjs';

/** @type {Record<string, (settings: { limitSeconds: number }, detail: string) => string>} */
const ENDS = {
  off: () => 'it switched itself off',
  limit: ({ limitSeconds }) => `it was stopped at its time limit of ${limitSeconds} s`,
  failed: (_, detail) => `qemu ended: ${detail}`,
  stopped: () => 'it was interrupted',
};

/**
 * Boots the images and gives the guest's own account of its job. What it wrote and its serial log lie in
 * `settings.out`, whatever happened.
 * @throws {Failure} where that account does not say that the job is finished: an exit code of the machine proves
 * nothing
 */
export async function runGuest(images, settings, serial, signal, news) {
  rmSync(settings.out, { recursive: true, force: true });
  mkdirSync(settings.out, { recursive: true });
  const { end, detail, seconds } = await runMachine(images, { ...settings, serial, signal }, news);
  const kept = join(settings.out, 'serial.log');
  cpSync(serial, kept);
  takeOut(images.out, settings.out);
  const status = readStatus(join(settings.out, 'status.json'));
  if (end === 'off' && status?.state === 'finished') return status;
  const found = `${ENDS[end](settings, detail)} after ${seconds.toFixed(0)} s, ${reached(status)}`;
  throw new Failure(
    end === 'stopped' ? 130 : 1,
    `the guest did not finish its job: ${found}`,
    `Its serial log: ${kept}. A busy machine needs more time: --limit SECONDS.`,
  );
}

/** A machine that was stopped may leave a file that was not yet written out. */
function readStatus(file) {
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function reached(status) {
  if (status === null) return 'before its job began';
  const last = status.calls.at(-1)?.name;
  return last === undefined ? 'before its first call of bench was done' : `after "${last}"`;
}
