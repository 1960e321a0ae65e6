import { release } from 'node:os';
import { conflict } from '../../../errors.js';
import { filterOfSource, hostMachine, measureCapacity } from '../../../experiment/index.js';
import type { ConversionOptions } from '../../../experiment/index.js';
import type { FilterForm } from '../../../filter/index.js';
import type { Io } from '../../../model/io.js';
import { FORM_NAMES } from '../../../model/profile/source.js';
import type { CapacityScenario } from '../../../model/run/capacity.js';
import { readSource, sourceOptions, type SourceOptions } from '../../../profile/index.js';
import type { OutputOptions } from '../../options/output.js';
import { targetOf } from '../../options/target.js';
import { NO_GATE, planOutput, type ExportFiles } from '../../output/plan.js';

export interface CapacityOptions {
  readonly scenario: CapacityScenario;
  readonly form?: FilterForm;
  readonly conversion: ConversionOptions & SourceOptions;
  readonly output: OutputOptions;
  readonly exports: ExportFiles;
  /** Files that it is made of, besides the profile. */
  readonly inputs?: readonly string[];
}

/** No figure of it is judged by a margin. */
const MARGIN = 0.01;

/** Measures, keeps the results and concludes. Gives the exit code. Throws `usage`, `input` and `environment`. */
export async function capacity(options: CapacityOptions, io: Io): Promise<number> {
  const { scenario, form, conversion, output, exports, inputs = [] } = options;
  const { profile } = scenario;
  const read = profile === undefined || profile === '-' ? inputs : [...inputs, profile];
  const plan = planOutput(
    { kind: 'capacity', ...output, margin: MARGIN, gate: NO_GATE, exports, inputs: read, showCalls: false },
    io,
  );
  const source = await readSource(profile, io, sourceOptions(conversion));
  if (source.kind !== 'profile' && form !== undefined)
    throw conflict('--form', FORM_NAMES[source.form], { hint: 'The layout is chosen when a profile is built.' });
  const machine = hostMachine();
  const own = filterOfSource(source, targetOf(machine), {
    ...conversion,
    kernel: conversion.kernel ?? release(),
    form: form ?? 'plain',
  });
  const [filter] = own.filters;
  if (filter === undefined) throw new RangeError('a source has one filter');
  const { resultsFolder } = output;
  const { commandLine } = io;
  const measured = await measureCapacity(
    { filter, name: source.name, machine, scenario, resultsFolder, commandLine },
    io,
  );
  const { conclude } = await import('../../output/conclude.js');
  return conclude(measured, plan, io);
}
