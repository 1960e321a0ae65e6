import { resolve } from 'node:path';
import type { Command } from 'commander';
import { BenchError } from '../../../errors.js';
import type { HistoryCheck } from '../../../model/analysis/trend.js';
import type { History } from '../../../model/results/history.js';
import type { Io } from '../../../model/io.js';
import type { Act } from '../../act.js';
import {
  declareHistoryFile,
  declareHistoryGate,
  declareHistoryMetric,
  parseHistoryFile,
  parseHistoryGate,
  parseHistoryMetric,
} from '../../options/history.js';
import type { HistoryGate, RawHistoryFile, RawHistoryGate, RawHistoryMetric } from '../../options/history.js';
import { finish, option } from '../../options/option.js';
import { declareJson, parseJson } from '../../options/output.js';
import type { RawJson } from '../../options/output.js';
import { commitOf } from './commit.js';

type RawCheck = RawHistoryFile & RawHistoryGate & RawHistoryMetric & RawJson & { readonly commit?: string };

const SLOWER = 3;
const NOT_EVALUATED = 4;

/** `bench history check`: a gate over the trends of the newest entry. */
export function declareHistoryCheck(history: Command, act: Act): void {
  const command = history
    .command('check')
    .summary('fail if a history became slower')
    .description(
      'exit with 3 if a trend of the newest run became slower and stayed so, with 4 if that could not be evaluated',
    )
    .addOption(option('--commit <revision>', 'whose run to check (default: the newest run)', 'common'));
  declareJson(declareHistoryGate(declareHistoryMetric(declareHistoryFile(command))));
  finish(command, ['bench history check', 'bench history check --fail-if-slower 2% --recent 20']).action(
    (raw: RawCheck) => act((io) => check(raw, io)),
  );
}

async function check(raw: RawCheck, io: Io): Promise<number> {
  const file = parseHistoryFile(raw);
  const gate = parseHistoryGate(raw);
  const { readHistory } = await import('../../../results/index.js');
  const { checkHistory } = await import('../../../reporting/index.js');
  const history = readHistory(resolve(io.cwd, file));
  const commit = raw.commit === undefined ? null : await commitIn(raw.commit, history, io);
  const { limit, recent } = gate;
  const outcome = checkHistory(history, { limit, recent, commit, metrics: parseHistoryMetric(raw) });
  if (outcome === null)
    throw new BenchError('input', `${file} has no run${raw.commit === undefined ? '' : ` of ${raw.commit}`}`, {
      hint: 'bench history add adds one.',
    });
  const exitCode = exitCodeOf(outcome, gate);
  if (parseJson(raw)) {
    const { printJson } = await import('../../output/json.js');
    printJson(io, 'historyCheck', { file, limit, exitCode, ...outcome });
  } else await tell(outcome, { ...gate, file }, io);
  return exitCode;
}

const exitCodeOf = ({ state }: HistoryCheck, { allowUndecided }: HistoryGate): number => {
  if (state === 'slower') return SLOWER;
  return state === 'notEvaluated' && !allowUndecided ? NOT_EVALUATED : 0;
};

async function tell(
  { state, trends, damaged }: HistoryCheck,
  { file, limit, allowUndecided }: HistoryGate & { readonly file: string },
  io: Io,
): Promise<void> {
  const { checkLines, counted, formatPercent } = await import('../../../report/index.js');
  for (const one of trends) for (const line of checkLines(one, limit)) io.err(`${line}\n`);
  if (damaged.length > 0)
    io.err(`not evaluated: ${counted(damaged.length, 'line')} of ${file} that cannot be read: ${damaged.join(', ')}\n`);
  if (trends.length === 0) io.err('not evaluated: the newest run has no ratio of that metric\n');
  switch (state) {
    case 'passed':
      io.out(`passed: no change slower by more than ${formatPercent(limit)} in ${counted(trends.length, 'trend')}\n`);
      return;
    case 'notEvaluated':
      io.out(`gate not evaluated${allowUndecided ? ' (allowed)' : ''}\n`);
      return;
    case 'slower':
      io.out('failed: slower\n');
  }
}

/** The hash of a commit that the history has by its version or the begin of its hash, or that git knows. */
async function commitIn(revision: string, { entries }: History, io: Io): Promise<string> {
  const commits = entries.flatMap(({ commit }) => (commit === null ? [] : [commit]));
  const named = commits.findLast(({ label }) => label === revision);
  const begun = /^[0-9a-f]{7,}$/.test(revision) ? commits.findLast(({ id }) => id.startsWith(revision)) : undefined;
  return (named ?? begun ?? (await commitOf(revision, io))).id;
}
