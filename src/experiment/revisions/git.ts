import { BenchError, notFound } from '../../errors.js';
import type { HistoryCommit } from '../../model/results/history.js';
import { runTool } from '../../process/run-tool.js';
import type { ToolResult } from '../../process/run-tool.js';

/** A repository with a large work tree, on a slow disk. */
const LIMIT_MS = 600_000;
const HASH = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Where git is asked. */
export interface GitPlace {
  /** A folder of the repository, absolute. */
  readonly folder: string;
  readonly signal?: AbortSignal;
}

/** Runs git in a folder. Throws `environment` where there is no git. */
export async function git({ folder, signal }: GitPlace, args: readonly string[]): Promise<ToolResult> {
  try {
    return await runTool('git', ['-C', folder, ...args], {
      timeoutMs: LIMIT_MS,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    const isMissing = error instanceof BenchError && error.message.includes('not found');
    throw isMissing ? notFound('git', 'PATH', { hint: 'Install git.' }) : error;
  }
}

/** What git printed, without the end of the line; `null` where it failed. */
const answer = ({ exitCode, stdout }: ToolResult): string | null => (exitCode === 0 ? stdout.trim() : null);

/**
 * The commit that a revision names in the repository around a folder, with its tag and date; `null`: there is no such
 * commit, or no repository. `dirty` only says something of HEAD, where files of the work tree may differ from it.
 */
export async function findCommit(revision: string, place: GitPlace): Promise<HistoryCommit | null> {
  const id = answer(await git(place, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]));
  if (id === null || !HASH.test(id)) return null;
  const [date, label] = [
    answer(await git(place, ['show', '--no-patch', '--format=%ct', id])),
    answer(await git(place, ['describe', '--tags', '--exact-match', id])),
  ];
  const seconds = Number(date ?? Number.NaN);
  return {
    id,
    label: label === '' ? null : label,
    committedAt: Number.isFinite(seconds) ? new Date(1000 * seconds).toISOString() : null,
    dirty: revision === 'HEAD' && (await isDirty(place)),
  };
}

/** Whether tracked files differ from HEAD; also where that cannot be told. */
const isDirty = async (place: GitPlace): Promise<boolean> =>
  answer(await git(place, ['status', '--porcelain', '--untracked-files=no'])) !== '';
