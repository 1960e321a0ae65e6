import type { Command } from 'commander';
import { invalidValue } from '../../errors.js';
import { option } from './option.js';

export interface RawCi {
  readonly files: string;
  readonly annotate?: string;
  readonly key?: string;
}

/** What a CI system is given, and where. */
export interface CiOptions {
  /** Folder for the comment, the summary and the metrics. */
  readonly folder: string;
  /** File that annotations point to; absent: the scenario's. */
  readonly annotate?: string;
  /** By which a comment is found again; absent: the name of the scenario. */
  readonly key?: string;
}

/** `--files`, `--annotate`, `--key`. */
export function declareCi(command: Command): Command {
  return command
    .addOption(
      option('--files <dir>', 'folder for comment.md, summary.md and metrics.txt', 'output').default(
        'bench-ci',
        'bench-ci',
      ),
    )
    .addOption(option('--annotate <file>', "file that annotations point to (default: the scenario's)", 'output'))
    .addOption(
      option('--key <name>', 'name by which the comment is found again (default: that of the scenario)', 'output'),
    );
}

const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Throws `usage`. */
export function parseCi({ files, annotate, key }: RawCi): CiOptions {
  if (key !== undefined && !KEY.test(key))
    throw invalidValue(
      '--key',
      'a name of at most 100 letters, digits, ".", "_" and "-" that begins with a letter or digit',
      `"${key}"`,
    );
  return {
    folder: files,
    ...(annotate === undefined ? {} : { annotate }),
    ...(key === undefined ? {} : { key }),
  };
}
