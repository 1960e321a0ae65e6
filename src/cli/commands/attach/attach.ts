import { resolve } from 'node:path';
import { measureAttach } from '../../../experiment/index.js';
import type { MeasuredAttach } from '../../../experiment/index.js';
import type { Io } from '../../../model/io.js';
import type { AttachScenario } from '../../../model/run/kinds/attach.js';
import { attachAnswer, attachSentences, renderAttach, reportLines } from '../../../report/index.js';
import { writeAttach } from '../../../reporting/index.js';
import { oneFilter, type FilterWish } from '../../one-filter.js';
import { indexPath, missingChart, shortest, throwFirst } from '../../output/conclude.js';
import { printJson } from '../../output/json.js';
import { lookOf } from '../../output/look.js';
import { checkFolders } from '../../output/places.js';

export interface AttachOptions {
  readonly scenario: AttachScenario;
  readonly wish: Omit<FilterWish, 'profile'>;
  readonly seed: number;
  /** `null`: no report. */
  readonly reportsFolder: string | null;
  readonly json: boolean;
}

/** Measures, writes the report and prints. Throws `usage`, `input` and `environment`. */
export async function attach(options: AttachOptions, io: Io): Promise<void> {
  const { scenario, wish, seed, reportsFolder, json } = options;
  const { profile, name, title, rounds, switchJit } = scenario;
  checkFolders({ resultsFolder: null, reportsFolder }, io);
  const made = await oneFilter({ ...wish, ...(profile === undefined ? {} : { profile }) }, io);
  const measured = await measureAttach({ ...made, rounds, switchJit, seed }, io);
  const written =
    reportsFolder === null
      ? null
      : await writeAttach(measured.attach, measured.loads, {
          directory: resolve(io.cwd, reportsFolder),
          name,
          ...(title === undefined ? {} : { title }),
        });
  tell(measured, written, { json, io });
  throwFirst((written?.notDrawn ?? []).map(missingChart));
}

function tell(
  { attach: found }: MeasuredAttach,
  written: Awaited<ReturnType<typeof writeAttach>> | null,
  { json, io }: { readonly json: boolean; readonly io: Io },
): void {
  const report = written === null ? null : shortest(written.page, io.cwd);
  if (json) {
    printJson(io, 'attach', { ...found, report, sentences: [attachAnswer(found), ...attachSentences(found)] });
    return;
  }
  io.out(renderAttach(found, lookOf(io)));
  if (written === null) return;
  const foot = reportLines({ reportPath: report, indexPath: indexPath(written.index, io.cwd) });
  if (foot.length > 0) io.out(`\n${foot.join('\n')}\n`);
}
