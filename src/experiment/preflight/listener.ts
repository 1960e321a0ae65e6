import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { systemReason } from '../../errors.js';

const ANSWER_LIMIT_MS = 300;
/** __SO_ACCEPTCON in the fourth column of /proc/net/unix. */
const LISTENING = 0x10000;

/**
 * Why nobody can be reached at the path of a Unix socket on this machine; `undefined`: somebody listens. A socket that
 * the kernel lists as listening is not connected to: its owner may wait for one container only.
 */
export async function nobodyAt(path: string): Promise<string | undefined> {
  if (isListed(path)) return undefined;
  if (!existsSync(path)) return 'no such file or directory';
  return new Promise((settle) => {
    const socket = connect({ path, timeout: ANSWER_LIMIT_MS });
    const done = (reason: string | undefined): void => {
      socket.destroy();
      settle(reason);
    };
    socket.once('connect', () => {
      done(undefined);
    });
    socket.once('timeout', () => {
      done('no answer');
    });
    socket.once('error', (error) => {
      done(isRefusal(error) ? 'connection refused' : systemReason(error));
    });
  });
}

const isRefusal = (error: Error): boolean => 'code' in error && error.code === 'ECONNREFUSED';

function isListed(path: string): boolean {
  try {
    return readFileSync('/proc/net/unix', 'utf8')
      .split('\n')
      .some((line) => {
        const [, , , flags = '', , , , ...rest] = line.split(/\s+/);
        return rest.join(' ') === path && (Number.parseInt(flags, 16) & LISTENING) !== 0;
      });
  } catch {
    // Without /proc the connection tells.
    return false;
  }
}
