import { shellQuote } from '../../model/shell-quote.js';
import { mountsIn } from '../../model/host/mounts.js';
import { asRoot } from './host.js';
import type { Host } from './host.js';

/** The command that allows programs to run from a folder; `null` where its mount allows it already. */
export function executableFix(host: Pick<Host, 'files'>, folder: string): string | null {
  const mounts = mountsIn(host.files.read('/proc/self/mounts') ?? '').filter(
    ({ where }) => where === '/' || folder === where || folder.startsWith(`${where}/`),
  );
  const depth = Math.max(...mounts.map(({ where }) => where.length));
  const seen = mounts.filter(({ where }) => where.length === depth).at(-1);
  return seen?.options.includes('noexec') === true
    ? asRoot(host, `mount -o remount,exec ${shellQuote([seen.where])}`)
    : null;
}
