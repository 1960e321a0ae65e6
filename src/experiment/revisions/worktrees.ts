import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BenchError } from '../../errors.js';
import { makeOwnedFolder, parentIn } from '../../process/files/owned-folder.js';
import type { OwnedFolder } from '../../process/files/owned-folder.js';
import { git } from './git.js';

/** Work trees of a repository in a temporary folder; disposing removes them, and what git remembers of them. */
export interface Worktrees extends AsyncDisposable {
  /** Absolute paths, in the order of the commits; of equal length, so that no build has a longer path than another. */
  readonly folders: readonly string[];
}

/**
 * Checks commits out, each in a work tree of its own. `repository` is the top of a work tree. Throws `environment`
 * where git cannot; then nothing is left.
 */
export async function makeWorktrees(repository: string, commits: readonly string[]): Promise<Worktrees> {
  await forgetLost(repository);
  const owned = makeOwnedFolder('build');
  const folders = commits.map((_, index) => join(owned.path, `tree-${index + 1}`));
  const dispose = (): Promise<void> => removeAll(repository, folders, owned);
  try {
    for (const [index, commit] of commits.entries()) await addWorktree(repository, folders[index] ?? '', commit);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { folders, [Symbol.asyncDispose]: dispose };
}

async function addWorktree(repository: string, folder: string, commit: string): Promise<void> {
  // Not stopped by a signal: half a work tree is harder to remove than a whole one.
  const { exitCode, stderr } = await git({ folder: repository }, [
    ...['worktree', 'add', '--quiet', '--detach', folder, commit],
  ]);
  if (exitCode === 0) return;
  throw new BenchError('environment', `git could not check out commit ${commit.slice(0, 10)}`, {
    details: stderr.trim().split('\n').slice(-3),
  });
}

/** Removes the trees first, so that git forgets them; what it leaves goes with the folder. */
async function removeAll(repository: string, folders: readonly string[], owned: OwnedFolder): Promise<void> {
  try {
    for (const folder of folders)
      await git({ folder: repository }, ['worktree', 'remove', '--force', '--force', folder]);
  } finally {
    owned[Symbol.dispose]();
    await forgetLost(repository);
  }
}

/**
 * Makes git forget work trees of bench whose folder is gone, because bench or the whole machine was killed. Those of
 * others are left alone: their disk may only be away.
 */
async function forgetLost(repository: string): Promise<void> {
  const { stdout } = await git({ folder: repository }, ['worktree', 'list', '--porcelain']);
  const ours = join(parentIn(resolve(tmpdir())), 'build-');
  const lost = stdout
    .split('\n')
    .flatMap((line) => (line.startsWith('worktree ') ? [line.slice('worktree '.length)] : []))
    .filter((path) => path.startsWith(ours) && !existsSync(path));
  for (const path of lost) await git({ folder: repository }, ['worktree', 'remove', '--force', '--force', path]);
}

/** The folder of a tree that is like the current one in the repository; made where the revision has none. */
export function sameFolderIn(tree: string, prefix: string): string {
  const folder = join(tree, prefix);
  mkdirSync(folder, { recursive: true });
  return folder;
}
