import { release } from 'node:os';
import { conflict } from '../errors.js';
import { filterOfSource, hostMachine } from '../experiment/index.js';
import type { ConversionOptions } from '../experiment/index.js';
import type { FilterForm } from '../filter/index.js';
import type { Simulator } from '../filter/index.js';
import type { Io } from '../model/io.js';
import { FORM_NAMES } from '../model/profile/source.js';
import { readSource, sourceOptions, type SourceOptions } from '../profile/index.js';
import { targetOf } from './options/target.js';

/** A filter for this machine that is measured without containers. */
export interface FilterWish {
  /** Absent: the built-in profile. */
  readonly profile?: string;
  readonly form?: FilterForm;
  /** Where the form was asked for: `--form`, or a property of a file. */
  readonly formAskedBy: string;
  readonly conversion: ConversionOptions & SourceOptions;
}

/** Reads the source and makes its filter. Throws `usage`, `input` and `environment`. */
export async function oneFilter(
  { profile, form, formAskedBy, conversion }: FilterWish,
  io: Pick<Io, 'cwd' | 'stdin'>,
): Promise<{ readonly filter: Simulator; readonly name: string; readonly machine: string }> {
  const source = await readSource(profile, io, sourceOptions(conversion));
  if (source.kind !== 'profile' && form !== undefined)
    throw conflict(formAskedBy, FORM_NAMES[source.form], { hint: 'The layout is chosen when a profile is built.' });
  const machine = hostMachine();
  const { filters } = filterOfSource(source, targetOf(machine), {
    ...conversion,
    kernel: conversion.kernel ?? release(),
    form: form ?? 'plain',
  });
  const [filter] = filters;
  if (filter === undefined) throw new RangeError('a source has one filter');
  return { filter, name: source.name, machine };
}
