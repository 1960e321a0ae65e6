import { resolve } from 'node:path';
import { measureAttach } from '../../../experiment/index.js';
import type { AttachRequest } from '../../../experiment/index.js';
import type { MeasuredAttach } from '../../../model/filter/attaching.js';
import type { Io } from '../../../model/io.js';
import { renderAttach, reportLines } from '../../../report/index.js';
import { explainAttach, writeAttachReport } from '../../../reporting/index.js';
import type { WrittenAttach } from '../../../reporting/index.js';
import { indexPath, missingChart, shortest, throwFirst } from '../../output/conclude.js';
import { printJson } from '../../output/json.js';
import { lookOf } from '../../output/look.js';
import { checkFolders } from '../../output/places.js';

export interface AttachOptions {
  readonly request: AttachRequest;
  /** Of the scenario file that asks for it. */
  readonly named?: { readonly name: string; readonly title?: string };
  /** `null`: no report. */
  readonly reportsFolder: string | null;
  readonly json: boolean;
}

/** Measures, writes the report and prints. Throws `usage`, `input` and `environment`. */
export async function attach({ request, named, reportsFolder, json }: AttachOptions, io: Io): Promise<void> {
  checkFolders({ resultsFolder: null, reportsFolder }, io);
  const measured = await measureAttach(request, io);
  const written =
    reportsFolder === null
      ? null
      : await writeAttachReport(measured, { directory: resolve(io.cwd, reportsFolder), ...named });
  tell(measured, written, { json, io });
  throwFirst((written?.notDrawn ?? []).map(missingChart));
}

function tell(
  { attach: found }: MeasuredAttach,
  written: WrittenAttach | null,
  { json, io }: { readonly json: boolean; readonly io: Io },
): void {
  const report = written === null ? null : shortest(written.page, io.cwd);
  if (json) {
    printJson(io, 'attach', { ...found, report, sentences: explainAttach(found) });
    return;
  }
  io.out(renderAttach(found, lookOf(io)));
  if (written === null) return;
  const foot = reportLines({ reportPath: report, indexPath: indexPath(written.index, io.cwd) });
  if (foot.length > 0) io.out(`\n${foot.join('\n')}\n`);
}
