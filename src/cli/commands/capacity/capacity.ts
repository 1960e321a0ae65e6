import { release } from 'node:os';
import { conflict } from '../../../errors.js';
import { filterOfSource, hostMachine, measureCapacity } from '../../../experiment/index.js';
import type { ConversionOptions } from '../../../experiment/index.js';
import type { FilterForm } from '../../../filter/index.js';
import type { Io } from '../../../model/io.js';
import { FORM_NAMES } from '../../../model/profile/source.js';
import { readSource, sourceOptions, type SourceOptions } from '../../../profile/index.js';
import { capacitySentences, renderCapacity } from '../../../report/index.js';
import { targetOf } from '../../options/target.js';
import { printJson } from '../../output/json.js';
import { lookOf } from '../../output/look.js';

export interface CapacityOptions {
  /** Absent: the built-in profile. */
  readonly profile?: string;
  readonly form?: FilterForm;
  readonly conversion: ConversionOptions & SourceOptions;
  readonly tasks: number;
  readonly stacked: number;
  readonly untilRefused: boolean;
  readonly json: boolean;
}

/** Measures and prints. Throws `usage`, `input` and `environment`. */
export async function capacity(options: CapacityOptions, io: Io): Promise<void> {
  const { profile, form, conversion, json, ...order } = options;
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
  const found = await measureCapacity({ ...order, filter, name: source.name, machine }, io);
  if (json) printJson(io, 'capacity', { ...found, sentences: capacitySentences(found) });
  else io.out(renderCapacity(found, lookOf(io)));
}
