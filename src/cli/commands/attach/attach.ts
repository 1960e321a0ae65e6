import { release } from 'node:os';
import { resolve } from 'node:path';
import { conflict } from '../../../errors.js';
import { filterOfSource, hostMachine, measureAttach } from '../../../experiment/index.js';
import type { ConversionOptions, MeasuredAttach } from '../../../experiment/index.js';
import type { FilterForm } from '../../../filter/index.js';
import type { Io } from '../../../model/io.js';
import { FORM_NAMES } from '../../../model/profile/source.js';
import { readSource, sourceOptions, type SourceOptions } from '../../../profile/index.js';
import { attachAnswer, attachSentences, renderAttach, reportLines } from '../../../report/index.js';
import { writeAttach } from '../../../reporting/index.js';
import { targetOf } from '../../options/target.js';
import { indexPath, missingChart, shortest, throwFirst } from '../../output/conclude.js';
import { printJson } from '../../output/json.js';
import { lookOf } from '../../output/look.js';
import { checkFolders } from '../../output/places.js';

export interface AttachOptions {
  /** Absent: the built-in profile. */
  readonly profile?: string;
  readonly form?: FilterForm;
  readonly conversion: ConversionOptions & SourceOptions;
  readonly rounds: number;
  readonly seed: number;
  readonly switchJit: boolean;
  /** `null`: no report. */
  readonly reportsFolder: string | null;
  readonly json: boolean;
}

/** Measures, writes the report and prints. Throws `usage`, `input` and `environment`. */
export async function attach(options: AttachOptions, io: Io): Promise<void> {
  const { profile, form, conversion, reportsFolder, json, ...order } = options;
  checkFolders({ resultsFolder: null, reportsFolder }, io);
  const source = await readSource(profile, io, sourceOptions(conversion));
  if (source.kind !== 'profile' && form !== undefined)
    throw conflict('--form', FORM_NAMES[source.form], { hint: 'The layout is chosen when a profile is built.' });
  const machine = hostMachine();
  const { filters } = filterOfSource(source, targetOf(machine), {
    ...conversion,
    kernel: conversion.kernel ?? release(),
    form: form ?? 'plain',
  });
  const [filter] = filters;
  if (filter === undefined) throw new RangeError('a source has one filter');
  const measured = await measureAttach({ ...order, filter, name: source.name, machine }, io);
  const written =
    reportsFolder === null
      ? null
      : await writeAttach(measured.attach, measured.loads, {
          directory: resolve(io.cwd, reportsFolder),
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
