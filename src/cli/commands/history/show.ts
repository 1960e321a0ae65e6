import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Trend } from '../../../model/analysis/trend.js';
import type { Io } from '../../../model/io.js';
import type { History } from '../../../model/results/history.js';
import type { Act } from '../../act.js';
import {
  declareHistoryFile,
  declareHistoryMetric,
  parseHistoryFile,
  parseHistoryMetric,
} from '../../options/history.js';
import type { RawHistoryFile, RawHistoryMetric } from '../../options/history.js';
import { finish } from '../../options/option.js';
import { declareJson, declareReportFolder, parseJson, parseReportFolder } from '../../options/output.js';
import type { RawJson, RawReport } from '../../options/output.js';

type RawShow = RawHistoryFile & RawHistoryMetric & RawJson & RawReport;

/** `bench history show`: trends and their changes, as text and as a page. */
export function declareHistoryShow(history: Command, act: Act): void {
  const command = history
    .command('show')
    .summary('trends and their changes, as text and as a page')
    .description('show the trend of every ratio from commit to commit, and where it changed');
  declareReportFolder(declareJson(declareHistoryMetric(declareHistoryFile(command))));
  finish(command, [
    'bench history show',
    'bench history show --file perf/history.jsonl --metric both --no-report',
  ]).action((raw: RawShow) => act((io) => show(raw, io)));
}

async function show(raw: RawShow, io: Io): Promise<number> {
  const file = parseHistoryFile(raw);
  const [metrics, reports] = [parseHistoryMetric(raw), parseReportFolder(raw)];
  const { checkFolders } = await import('../../output/places.js');
  checkFolders({ resultsFolder: null, reportsFolder: reports }, io);
  const { readHistory } = await import('../../../results/index.js');
  const { historyTrends, writeHistory } = await import('../../../reporting/index.js');
  const path = resolve(io.cwd, file);
  const history = readHistory(path);
  const trends = historyTrends(history);
  const written =
    reports === null ? null : await writeHistory(history, trends, { file: path, directory: resolve(io.cwd, reports) });
  const { indexPath, missingChart, shortest, throwFirst } = await import('../../output/conclude.js');
  const report = written === null ? null : shortest(written.page, io.cwd);
  const index = written === null ? null : indexPath(written.index, io.cwd);
  if (parseJson(raw)) {
    const { printJson } = await import('../../output/json.js');
    const { damaged, repeated } = history;
    printJson(io, 'history', { file, report, index, trends, damaged, repeated });
  } else {
    const shown = trends.filter(({ key }) => metrics.includes(key.metric));
    await tell(shown, history, { file, report, index }, io);
  }
  throwFirst((written?.notDrawn ?? []).map(missingChart));
  return 0;
}

interface Places {
  readonly file: string;
  readonly report: string | null;
  readonly index: string | null;
}

async function tell(
  shown: readonly Trend[],
  { damaged, repeated }: History,
  { file, report, index }: Places,
  io: Io,
): Promise<void> {
  const [{ damagedLines, renderTrends, reportLines }, { lookOf }] = await Promise.all([
    import('../../../report/index.js'),
    import('../../output/look.js'),
  ]);
  io.out(renderTrends(shown, lookOf(io)));
  const foot = reportLines({ reportPath: report, indexPath: index });
  if (foot.length > 0) io.out(`\n${foot.join('\n')}\n`);
  for (const line of damagedLines(damaged, repeated)) io.err(`${file}: ${line}\n`);
}
