import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError, fileError } from '../../errors.js';
import type { ArmRevision } from '../../model/run/scenario.js';
import { runTool } from '../../process/run-tool.js';
import type { ToolResult } from '../../process/run-tool.js';
import { findCommit, git } from './git.js';
import { makeWorktrees, sameFolderIn } from './worktrees.js';

/** What to build, and where. */
export interface BuildRequest {
  /** Branches, tags or hashes. */
  readonly revisions: readonly string[];
  /** A command line for sh, run in every tree; `null`: nothing is built. */
  readonly command: string | null;
  /** Absolute; a folder of the repository. The command runs in the same folder of each tree. */
  readonly cwd: string;
  /** Absolute; where the output of a build that failed is kept. */
  readonly logs: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Told before each build. */
  readonly notify?: (revision: ArmRevision) => void;
}

/** Revisions that were built. Disposing removes their trees. */
export interface BuiltRevisions extends AsyncDisposable {
  /** In the order of the request; `folder`: absolute, where the command ran. */
  readonly trees: readonly { readonly revision: ArmRevision; readonly folder: string }[];
}

/** A build of a large project on a small machine. */
const LIMIT_MS = 3 * 3_600_000;
const MOST_OUTPUT_BYTES = 256 * 1024 * 1024;
const SHOWN_LINES = 12;

/**
 * Checks revisions out into temporary work trees and builds each of them. Disposing removes the trees.
 *
 * Throws `usage` (no repository, no such commit, the same commit twice), `environment` (git), `runFailed` (a build: its
 * last lines are in the message, all of its output in a file) and `interrupted`; nothing but that file is left then.
 */
export async function buildRevisions(request: BuildRequest): Promise<BuiltRevisions> {
  const { command, cwd, signal } = request;
  const place = await placeOf(request);
  const revisions: ArmRevision[] = [];
  for (const given of request.revisions) revisions.push(await revisionOf(given, command, { cwd, signal }));
  refuseSame(revisions);
  const worktrees = await makeWorktrees(
    place.top,
    revisions.map(({ commit }) => commit),
  );
  try {
    const trees = revisions.map((revision, index) => ({
      revision,
      folder: sameFolderIn(worktrees.folders[index] ?? '', place.prefix),
    }));
    signal.throwIfAborted();
    for (const { revision, folder } of trees) await build(revision, folder, request);
    return { trees, [Symbol.asyncDispose]: () => worktrees[Symbol.asyncDispose]() };
  } catch (error) {
    await worktrees[Symbol.asyncDispose]();
    throw error;
  }
}

/** The top of the work tree around the current folder, and the way from there to it. */
async function placeOf({ cwd, signal }: BuildRequest): Promise<{ readonly top: string; readonly prefix: string }> {
  const { exitCode, stdout } = await git({ folder: cwd, signal }, ['rev-parse', '--show-toplevel', '--show-prefix']);
  const [top = '', prefix = ''] = stdout.split('\n');
  if (exitCode === 0 && top !== '') return { top, prefix };
  throw new BenchError('usage', `git:REVISION requires a git repository, and ${cwd} is in none`, {
    hint: 'Run it in a clone of the program.',
  });
}

async function revisionOf(
  given: string,
  build: string | null,
  { cwd, signal }: Pick<BuildRequest, 'cwd' | 'signal'>,
): Promise<ArmRevision> {
  const commit = await findCommit(given, { folder: cwd, signal });
  if (commit !== null) {
    const { id, label, committedAt } = commit;
    return { given, commit: id, label, committedAt, build };
  }
  throw new BenchError('usage', `git:${given} is not a commit of the repository around ${cwd}`, {
    hint: 'A clone of CI may have only the newest commit: git fetch --unshallow --tags gets all.',
  });
}

function refuseSame(revisions: readonly ArmRevision[]): void {
  revisions.forEach(({ given, commit }, index) => {
    const earlier = revisions.slice(0, index).find((one) => one.commit === commit);
    if (earlier === undefined) return;
    throw new BenchError('usage', `git:${earlier.given} and git:${given} are the same commit, ${commit.slice(0, 10)}`, {
      hint: 'Changes that are not committed are in no revision.',
    });
  });
}

async function build(revision: ArmRevision, folder: string, request: BuildRequest): Promise<void> {
  const { command, env, signal, notify } = request;
  notify?.(revision);
  if (command === null) return;
  // One stream, so that errors stand where they happened.
  const result = await runTool('/bin/sh', ['-c', `exec 2>&1\n${command}`], {
    cwd: folder,
    env,
    signal,
    timeoutMs: LIMIT_MS,
    maxBytes: MOST_OUTPUT_BYTES,
  });
  if (result.exitCode !== 0) throw failed(revision, result, request);
}

function failed({ given, commit }: ArmRevision, { exitCode, stdout }: ToolResult, { logs }: BuildRequest): BenchError {
  const file = join(logs, `build-${commit.slice(0, 10)}.log`);
  try {
    mkdirSync(logs, { recursive: true });
    writeFileSync(file, stdout);
  } catch (error) {
    return fileError('write', file, error);
  }
  const how = exitCode === null ? 'ended by a signal' : `exit code ${exitCode}`;
  return new BenchError('runFailed', `the build of git:${given} (commit ${commit.slice(0, 10)}) failed: ${how}`, {
    details: stdout.trimEnd().split('\n').slice(-SHOWN_LINES),
    hint: `All of its output is in ${file}`,
  });
}
