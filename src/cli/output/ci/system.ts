import { appendFileSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileError } from '../../../errors.js';
import type { Io } from '../../../model/io.js';
import { writeTarget } from '../export-target.js';
import { checkPlaces } from '../places.js';

/** Where a command runs: GitHub Actions, GitLab CI, or anywhere else. */
export type CiSystem = 'github' | 'gitlab' | 'other';

/** By the variables that both systems set for every job. */
export function systemOf(env: Io['env']): CiSystem {
  if (env['GITHUB_ACTIONS'] === 'true') return 'github';
  return env['GITLAB_CI'] === 'true' ? 'gitlab' : 'other';
}

/** An address as the systems make them; nothing in it means anything in Markdown. */
const ADDRESS = /^https?:\/\/[A-Za-z0-9.:-]+(?:\/[A-Za-z0-9._~-]+)*$/;

/** Address of the page with this job's log and artifacts; `null` where it is not known. */
export function jobAddress(env: Io['env'], system: CiSystem): string | null {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  const address =
    system === 'github' ? `${server ?? ''}/${repository ?? ''}/actions/runs/${run ?? ''}` : (env['CI_JOB_URL'] ?? '');
  return system !== 'other' && ADDRESS.test(address) ? address : null;
}

/** Of one step, 1 MiB excluded. */
const MOST_OF_A_SUMMARY = 2 ** 20 - 1;

/**
 * Appends to `$GITHUB_STEP_SUMMARY`, if there is one; `textOf` makes a text of at most that many bytes. Throws
 * `environment`.
 */
export function appendSummary(env: Io['env'], textOf: (most: number) => string): void {
  const path = env['GITHUB_STEP_SUMMARY'];
  if (path === undefined || path === '') return;
  const present = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const between = present === 0 ? '' : '\n\n';
  const most = MOST_OF_A_SUMMARY - present - between.length;
  // What an earlier command of the step wrote may leave no room.
  if (most < LEAST_BYTES) return;
  append(path, `${between}${textOf(most)}`);
}

/** Less says nothing. */
const LEAST_BYTES = 1000;

/** Appends to `$GITHUB_OUTPUT`, if there is one. Throws `environment`. */
export function appendOutput(env: Io['env'], text: string): void {
  const path = env['GITHUB_OUTPUT'];
  if (path !== undefined && path !== '') append(path, text);
}

function append(path: string, text: string): void {
  try {
    appendFileSync(path, text);
  } catch (error) {
    throw fileError('write', path, error);
  }
}

const NAMES = { comment: 'comment.md', summary: 'summary.md', metrics: 'metrics.txt' } as const;
const HINT = 'Choose a writable folder with --files.';

/** The files that every CI system gets. */
export class CiFiles {
  private readonly folder: string;

  /** Makes the folder. Throws `usage`, `input` and `environment` where its files would land in a wrong place. */
  constructor(given: string, inputs: readonly string[], io: Pick<Io, 'cwd'>) {
    this.folder = resolve(io.cwd, given);
    try {
      mkdirSync(this.folder, { recursive: true });
    } catch (error) {
      throw fileError('create', this.folder, error, { hint: HINT });
    }
    const files = Object.values(NAMES).map((name) => ({
      flag: '--files',
      given: join(given, name),
      path: join(this.folder, name),
      hint: HINT,
    }));
    checkPlaces({ files, inputs, resultsFolder: null, reportsFolder: null }, io);
  }

  /** Replaces one of the files. Throws `environment`. */
  write(which: keyof typeof NAMES, text: string): void {
    writeTarget(join(this.folder, NAMES[which]), text, '--files', HINT);
  }
}
