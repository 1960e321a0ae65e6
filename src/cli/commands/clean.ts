import type { Command } from 'commander';
import { BenchError } from '../../errors.js';
import type { CleanEvent } from '../../experiment/session/clean.js';
import type { Io } from '../../model/io.js';
import type { Act } from '../act.js';
import { finish, option } from '../options/option.js';
import { declareJson, declareQuiet, parseJson, parseQuiet } from '../options/output.js';
import type { RawJson, RawQuiet } from '../options/output.js';

type RawClean = RawJson & RawQuiet & { readonly dryRun?: boolean };

/** Declares `clean`. */
export function declareClean(cli: Command, act: Act): void {
  const command = cli
    .command('clean')
    .summary('remove what killed runs left behind')
    .description('remove what killed runs left behind, and nothing else')
    .addOption(option('--dry-run', 'show what would be removed', 'common'));
  finish(declareJson(declareQuiet(command)), ['bench clean --dry-run', 'bench clean']).action((raw: RawClean) =>
    act((io) => run({ dryRun: raw.dryRun === true, json: parseJson(raw), quiet: parseQuiet(raw) }, io)),
  );
}

interface CleanOptions {
  readonly dryRun: boolean;
  readonly json: boolean;
  /** No word of what was removed. */
  readonly quiet: boolean;
}

/** Throws `runFailed` with every workspace that could not be removed. */
async function run({ dryRun, json, quiet }: CleanOptions, io: Io): Promise<number> {
  const { cleanUp } = await import('../../experiment/session/clean.js');
  const events = await cleanUp(
    { dryRun },
    {
      ...io,
      notify: (event) => {
        if (!json && !(quiet && event.kind === 'removed')) tell(event, io);
      },
    },
  );
  if (json) {
    const { printJson } = await import('../output/json.js');
    printJson(io, 'clean', { dryRun, workspaces: events });
  }
  const failed = events.flatMap((event) => (event.kind === 'notRemoved' ? [event] : []));
  if (failed.length > 0) {
    const lines = failed.map(({ workspace, reason }) => `\n  ${workspace}: ${reason}`);
    throw new BenchError('runFailed', `could not remove everything:${lines.join('')}`, {
      hint: 'bench clean tries again.',
    });
  }
  if (!json && !quiet && !events.some(({ kind }) => kind === 'removed' || kind === 'found'))
    io.out('nothing to clean\n');
  return 0;
}

function tell(event: CleanEvent, { out, err }: Io): void {
  const { workspace } = event;
  switch (event.kind) {
    case 'found':
    case 'removed': {
      const done = event.kind === 'found' ? 'would remove' : 'removed';
      out(`${done} ${workspace}: ${event.containers} containers, ${event.processes} processes\n`);
      return;
    }
    case 'noOwner':
      err(`left alone: ${workspace} has no owner.json, so no run is known to own it\n`);
      return;
    case 'alive':
      err(`left alone: ${workspace} belongs to a run that is still working (pid ${event.pid})\n`);
      return;
    case 'cannotTell': {
      const where = event.hostname === null ? '' : ` of ${event.hostname}`;
      err(
        `left alone: cannot tell whether the run of ${workspace} still works: it is process ${event.pid}${where}, ` +
          'in another pid namespace or on another machine; run bench clean there\n',
      );
      return;
    }
    case 'daemonSilent':
      err(`left alone: ${workspace} made containers at ${event.host}, which does not answer (${event.reason})\n`);
      return;
    case 'notRemoved':
    // Listed at the end.
  }
}
