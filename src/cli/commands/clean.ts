import type { Command } from 'commander';
import { BenchError } from '../../errors.js';
import type { NoOwner, WorkspaceEvent } from '../../experiment/session/clean-workspace.js';
import type { Cleaned, StrayEvent } from '../../experiment/session/clean.js';
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

/** Throws `runFailed` with everything that could not be removed. */
async function run({ dryRun, json, quiet }: CleanOptions, io: Io): Promise<number> {
  const { cleanUp } = await import('../../experiment/session/clean.js');
  const cleaned = await cleanUp(
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
    printJson(io, 'clean', { dryRun, ...cleaned });
  } else if (!quiet) tellPlaces(cleaned, dryRun, io);
  const stays = [...cleaned.workspaces, ...cleaned.strays].flatMap(whatStays);
  if (stays.length === 0) return 0;
  const what = dryRun ? 'could not look at everything:' : 'could not remove everything:';
  throw new BenchError('runFailed', what, {
    details: stays,
    hint: dryRun ? 'bench clean cannot remove it either.' : 'Remove the cause; bench clean tries again.',
  });
}

function whatStays(event: WorkspaceEvent | StrayEvent): readonly string[] {
  if (event.kind === 'daemonSilent')
    return [`${event.workspace}: made containers at ${event.host}, which does not answer (${event.reason})`];
  return event.kind === 'notRemoved' ? [`${nameOf(event)}: ${event.reason}`] : [];
}

const nameOf = (event: WorkspaceEvent | StrayEvent): string =>
  'runId' in event ? `run ${event.runId}` : event.workspace;

/** Where it looked: a run with another TMPDIR, or started in another folder, has its workspace elsewhere. */
function tellPlaces({ workspaces, strays, places }: Cleaned, dryRun: boolean, { out, err }: Io): void {
  for (const { path } of places.filter(({ state }) => state === 'ignored'))
    err(`not looked into ${path}: other users may write there\n`);
  const found = [...workspaces, ...strays].some(({ kind }) => ['removed', 'found', 'notRemoved'].includes(kind));
  const looked = `looked in ${places.map(({ path }) => path).join(', ')}\n`;
  if (!found) out(`nothing to clean\n${looked}`);
  else if (dryRun) out(looked);
}

function tell(event: WorkspaceEvent | StrayEvent, { out, err }: Io): void {
  switch (event.kind) {
    case 'found':
    case 'removed': {
      const done = event.kind === 'found' ? 'would remove' : 'removed';
      out(`${done} ${'runId' in event ? `what is left of ${nameOf(event)}` : event.workspace}: ${countsOf(event)}\n`);
      return;
    }
    case 'noOwner':
      err(`left alone: ${event.workspace} ${NO_OWNER[event.reason]}, so no run is known to own it\n`);
      return;
    case 'alive':
      err(`left alone: ${event.workspace} belongs to a run that is still working (pid ${event.pid})\n`);
      return;
    case 'beingCleaned':
      err(`left alone: ${event.workspace} is being removed by another bench clean\n`);
      return;
    case 'leftAlone': {
      const { runId, pids, workspace } = event;
      const where = workspace === null ? 'its folder was not found' : `its folder is ${workspace}`;
      err(
        `left alone: processes ${pids.join(', ')} of run ${runId}; ${where}: run bench clean with TMPDIR of that run\n`,
      );
      return;
    }
    case 'cannotTell': {
      const where = event.hostname === null ? '' : ` of ${event.hostname}`;
      err(
        `left alone: cannot tell whether the run of ${event.workspace} still works: ` +
          `it is process ${event.pid}${where}, in another pid namespace or on another machine; run bench clean there\n`,
      );
      return;
    }
    case 'daemonSilent':
    case 'notRemoved':
    // Listed at the end.
  }
}

const NO_OWNER: Readonly<Record<NoOwner, string>> = {
  missing: 'has no owner.json',
  invalid: 'has no valid owner.json',
  link: 'is a link',
  othersMayWrite: 'is a file, or other users may write there',
};

type Counts = Extract<WorkspaceEvent | StrayEvent, { readonly kind: 'found' | 'removed' }>;

/** `2 containers, 3 processes`, and what else there is. */
function countsOf(event: Counts): string {
  const { processes, cgroups } = event;
  const [containers, mounts, limit, jit] =
    'workspace' in event ? [event.containers, event.mounts, event.limit, event.jit] : [undefined, 0];
  return [
    ...(containers === undefined ? [] : [`${containers} containers`]),
    `${processes} processes`,
    ...(cgroups > 0 && (containers ?? 0) === 0 ? [`${cgroups} cgroups`] : []),
    ...(mounts > 0 ? [`${mounts} mounts`] : []),
    ...(limit === undefined ? [] : ['net.core.bpf_jit_limit']),
    ...(jit === undefined ? [] : ['net.core.bpf_jit_enable']),
  ].join(', ');
}
