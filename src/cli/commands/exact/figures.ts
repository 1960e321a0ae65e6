import { lxcWriter, readsExplicitList, serialiseSpec } from '../../../convert/index.js';
import { BenchError } from '../../../errors.js';
import { specFor } from '../../../experiment/index.js';
import type { ConversionOptions } from '../../../experiment/index.js';
import { buildFilter, knownArchitectures, libseccompVersion, toLoadable } from '../../../filter/index.js';
import type { BuildOptions, FilterForm } from '../../../filter/index.js';
import type { ExactFigures, ExactReport, ExactRow } from '../../../model/filter/exact.js';
import type { Io } from '../../../model/io.js';
import type { Profile } from '../../../model/profile/profile.js';
import { isTold } from '../../../model/profile/source.js';
import { POLICIES } from '../../../model/profile/seccomp.js';
import type { SeccompSpec } from '../../../model/profile/seccomp.js';
import { profileIn, readSource, sourceOptions } from '../../../profile/index.js';
import { formWords } from '../../../report/index.js';
import type { FilterConversion } from '../../options/conversion.js';
import { targetOf, targetOfMachine } from '../../options/target.js';
import type { Target } from '../../options/target.js';

export interface ExactOptions {
  readonly conversion: FilterConversion;
  /** Names of machines, or all; absent: this one. */
  readonly machines: readonly string[] | 'all' | null;
}

/** Sizes of the profile and of its filters, by machine and policy. Throws `input` and `usage`. */
export async function exactReport(
  file: string | undefined,
  { conversion, machines }: ExactOptions,
  io: Io,
): Promise<ExactReport> {
  const source = profileIn(await readSource(file, io, sourceOptions(conversion)));
  const { profile } = source;
  return {
    profile: source.name,
    form: source.form,
    ...(isTold(source) ? { read: formWords(source) } : {}),
    dialect: conversion.dialect,
    libseccomp: libseccompVersion() ?? '',
    rows: targetsOf(machines).map((target) => rowOf(profile, target, conversion)),
    unknown: unknownArchitectures(profile),
  };
}

function targetsOf(machines: ExactOptions['machines']): readonly Target[] {
  if (machines === 'all') return knownArchitectures().map(({ name }) => targetOfMachine(name));
  return machines === null ? [targetOf()] : machines.map((name) => targetOf(name));
}

function rowOf(profile: Profile, target: Target, options: FilterConversion): ExactRow {
  return {
    machine: target.machine,
    figures: POLICIES.filter((policy) => policy !== 'trim' || readsExplicitList(profile, options.dialect)).map(
      (policy) => figuresOf(profile, target, { ...options, policy }),
    ),
  };
}

function figuresOf(profile: Profile, target: Target, options: ConversionOptions): ExactFigures {
  const spec = specOrReason(profile, target, options);
  if (spec === null || typeof spec === 'string')
    return { state: 'none', policy: options.policy, reason: spec ?? 'no seccomp' };
  const loadable = toLoadable(spec, { machine: target.machine });
  const named = (form: FilterForm): BuildOptions => ({ form, name: profile.fileName });
  return {
    state: 'known',
    policy: options.policy,
    architectures: (spec.architectures ?? []).length,
    leftOut: loadable.leftOut,
    specBytes: Buffer.byteLength(serialiseSpec(spec, options.dialect)),
    lxc: lxcSize(spec, target),
    instructions:
      loadable.spec === null || !isKnown(target)
        ? null
        : {
            plain: lengthOf(loadable.spec, target, named('plain')),
            tree: lengthOf(loadable.spec, target, named('tree')),
          },
  };
}

const isKnown = ({ machine }: Target): boolean => knownArchitectures().some(({ name }) => name === machine);

/** A dialect may refuse a host. */
function specOrReason(profile: Profile, target: Target, options: ConversionOptions): SeccompSpec | string | null {
  try {
    return specFor(profile, target, options);
  } catch (error) {
    if (error instanceof BenchError && error.code === 'input') return error.message;
    throw error;
  }
}

function lxcSize(
  spec: SeccompSpec,
  { machine }: Target,
): { readonly bytes: number; readonly lines: number; readonly sections: number } | null {
  try {
    const { bytes, lines, sections } = lxcWriter(machine).describe(spec);
    return { bytes, lines, sections };
  } catch (error) {
    // Actions that lcr does not know.
    if (error instanceof BenchError && error.code === 'input') return null;
    throw error;
  }
}

/** `null` where this libseccomp has no such form. */
function lengthOf(spec: SeccompSpec, { machine }: Target, options: BuildOptions): number | null {
  try {
    return buildFilter(spec, machine, options).instructions;
  } catch (error) {
    if (error instanceof BenchError && error.code === 'environment') return null;
    throw error;
  }
}

/** Architectures of the profile that this libseccomp does not know. */
function unknownArchitectures(profile: Profile): readonly string[] {
  const known = new Set(knownArchitectures().map(({ name }) => `SCMP_ARCH_${name.toUpperCase()}`));
  const listed = [
    ...profile.architectures,
    ...profile.archMap.flatMap(({ architecture, subArchitectures }) => [architecture ?? '', ...subArchitectures]),
  ];
  return [...new Set(listed)].filter((name) => name !== '' && !known.has(name));
}
