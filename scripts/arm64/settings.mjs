import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Failure } from '../shared/failure.mjs';

export const ROOT = resolve(import.meta.dirname, '../..');

export const USAGE = `npm run test:arm64 [-- OPTIONS]: runs this build on an emulated arm64 kernel and checks it

  --cache DIR       downloads, checked and kept      (default: XDG_CACHE_HOME or ~/.cache, seccomp-bench-arm64)
  --work DIR        where a temporary folder is made (default: TMPDIR or /tmp)
  --out DIR         the results, the report and the serial log of this proof, replaced (default: last/ in the cache)
  --limit SECONDS   the guest's time limit           (default: 480)
  --memory MIB      the guest's memory               (default: 2048)
  --cpus N          the guest's processors           (default: 2)
`;

/** The command line and environment as one object; numbers are checked, folders absolute. */
export function readSettings(argv, env) {
  const { values } = parse(argv);
  const cache = resolve(values.cache ?? join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'seccomp-bench-arm64'));
  return {
    help: values.help === true,
    cache,
    work: resolve(values.work ?? tmpdir()),
    out: resolve(values.out ?? join(cache, 'last')),
    limitSeconds: whole('--limit', values.limit ?? '480'),
    memoryMiB: whole('--memory', values.memory ?? '2048'),
    cpus: whole('--cpus', values.cpus ?? '2'),
  };
}

/** @param {readonly string[]} argv */
function parse(argv) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        cache: { type: 'string' },
        work: { type: 'string' },
        out: { type: 'string' },
        limit: { type: 'string' },
        memory: { type: 'string' },
        cpus: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new Failure(2, error.message, 'npm run test:arm64 -- --help lists them.');
  }
}

function whole(option, text) {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new Failure(2, `${option}: expected a whole number above 0, got "${text}"`, `For example ${option} 512.`);
  return Number(text);
}
