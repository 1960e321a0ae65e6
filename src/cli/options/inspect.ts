import { BenchError, conflict, invalidValue } from '../../errors.js';
import type { LoadedRequest } from '../../experiment/arms/loaded-filters.js';
import type { CallWish } from '../../filter/index.js';

const MOST_ARGUMENTS = 6;
const MOST_UINT64 = 2n ** 64n;

/** `--limit`: rows shown; 0 = all; absent: the view's own. Throws `usage`. */
export function parseLimit(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new BenchError('usage', `Expected a number of rows with --limit, got ${JSON.stringify(text)}`, {
    hint: '0 shows all.',
  });
}

/** `--call NAME` or `--call NAME,ARG,...`: arguments as decimal or 0x numbers, missing ones 0. Throws `usage`. */
export function parseCallWish(text: string, arch: string): CallWish {
  const [name = '', ...args] = text.split(',').map((part) => part.trim());
  if (args.length > MOST_ARGUMENTS)
    throw new BenchError('usage', `Expected at most ${MOST_ARGUMENTS} arguments with --call, got ${args.length}`);
  return { arch, name, ...(args.length === 0 ? {} : { args: args.map(parseArgument) }) };
}

function parseArgument(text: string): bigint {
  const value = /^(?:\d+|0x[0-9a-f]+)$/i.test(text) ? BigInt(text) : MOST_UINT64;
  if (value < MOST_UINT64) return value;
  throw new BenchError('usage', `Expected an argument from 0 to 2^64-1 with --call, got ${JSON.stringify(text)}`, {
    hint: '--call personality,0x20008',
  });
}

/** The loaded filter that is asked for. Throws `usage`. */
export function loadedRequest({
  pid,
  ...others
}: Omit<LoadedRequest, 'pid'> & { readonly pid?: string }): LoadedRequest {
  const { container, engine, runtime, root, host } = others;
  if (pid !== undefined && container !== undefined) throw conflict('--container', '--pid');
  return {
    ...(container === undefined ? {} : { container }),
    ...(engine === undefined ? {} : { engine }),
    ...(runtime === undefined ? {} : { runtime }),
    ...(root === undefined ? {} : { root }),
    ...(host === undefined ? {} : { host }),
    ...(pid === undefined ? {} : { pid: parsePid(pid) }),
  };
}

function parsePid(text: string): number {
  const pid = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(pid) && pid > 0) return pid;
  throw invalidValue('--pid', 'the number of a process', JSON.stringify(text));
}
