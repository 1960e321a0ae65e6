import { BenchError } from '../../../errors.js';
import type { HistoryCommit } from '../../../model/results/history.js';
import type { Io } from '../../../model/io.js';

const HASH = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * The commit of `--commit`, in the repository around the current folder; a whole hash is taken as it is where there is
 * none. Throws `usage`.
 */
export async function commitOf(revision: string, { cwd, signal }: Pick<Io, 'cwd' | 'signal'>): Promise<HistoryCommit> {
  const { findCommit } = await import('../../../experiment/index.js');
  const found = await findCommit(revision, { folder: cwd, signal });
  if (found !== null) return found;
  if (HASH.test(revision)) return { id: revision, label: null, committedAt: null, dirty: false };
  throw new BenchError('usage', `--commit: ${revision} is not a commit of the repository around ${cwd}`, {
    hint: 'Give a branch, tag or hash of that repository, or a whole hash.',
  });
}
