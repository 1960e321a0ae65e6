import { shellQuote } from '../../model/shell-quote.js';
import { asRoot } from './host.js';
import type { Host } from './host.js';

/** The command that lets programs be run from a folder; `null` where its mount does not forbid it. */
export function executableFix(host: Pick<Host, 'files'>, folder: string): string | null {
  const mounts = (host.files.read('/proc/self/mounts') ?? '')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, where = '']) => where === '/' || folder === where || folder.startsWith(`${where}/`));
  const depth = Math.max(...mounts.map(([, where = '']) => where.length));
  // Of several mounts in one place the last is the one that is seen.
  const [, where = '', , options = ''] = mounts.filter(([, one = '']) => one.length === depth).at(-1) ?? [];
  return options.split(',').includes('noexec') ? asRoot(host, `mount -o remount,exec ${shellQuote([where])}`) : null;
}
