import { release } from 'node:os';
import { BenchError, conflict, invalidValue } from '../../../errors.js';
import {
  countDenied,
  filterOfSource,
  loadedInOwn,
  loadedOfExisting,
  notesOf,
  wantsExisting,
  wantsLoaded,
} from '../../../experiment/index.js';
import type { Loaded, LoadedRequest, SourceFilter } from '../../../experiment/index.js';
import {
  compareCache,
  disassemble,
  explainCall,
  inspectFilter,
  knownArchitecture,
  libseccompFacts,
  libseccompVersion,
  Simulator,
} from '../../../filter/index.js';
import type { FilterForm } from '../../../filter/index.js';
import type { FilterOrigin, Inspection } from '../../../model/filter/inspection.js';
import type { Note } from '../../../model/filter/notes.js';
import type { Io } from '../../../model/io.js';
import type { ArchitecturePolicy } from '../../../model/profile/seccomp.js';
import { FORM_NAMES, isTold } from '../../../model/profile/source.js';
import type { FilterSource } from '../../../model/profile/source.js';
import { readSource, sourceOptions } from '../../../profile/index.js';
import {
  formWords,
  notesWithSentences,
  renderDisassembly,
  renderExplanation,
  renderInspection,
} from '../../../report/index.js';
import type { FilterConversion } from '../../options/conversion.js';
import type { CallQuestion, ViewOptions } from '../../options/inspect.js';
import { targetOf } from '../../options/target.js';
import type { Target } from '../../options/target.js';
import { printJson } from '../../output/json.js';
import { lookOf } from '../../output/look.js';

export interface InspectOptions {
  readonly profile?: string;
  /** The machine to build for; absent: this one. */
  readonly arch?: string;
  readonly conversion: FilterConversion & { readonly policy: ArchitecturePolicy };
  /** Absent: none was asked for. */
  readonly form?: FilterForm;
  readonly loaded: LoadedRequest;
  readonly view: ViewOptions;
  readonly json: boolean;
}

/** One filter to be shown, in a form that can be run. */
interface Subject {
  readonly filters: readonly Simulator[];
  readonly origin: FilterOrigin;
}

/** What a filter answers to every system call: predicted or as it is and, where asked for, as loaded. */
export async function inspect(options: InspectOptions, io: Io): Promise<void> {
  const target = targetFor(options);
  const source = await sourceFor(options, io);
  if (source !== null && source.kind !== 'profile' && options.form !== undefined)
    throw conflict('--form', FORM_NAMES[source.form], { hint: 'The layout is chosen when a profile is built.' });
  const form = options.form ?? 'plain';
  const own = source === null ? null : filterOfSource(source, target, { ...options.conversion, form });
  const loaded = await loadedOf(own, options.loaded, io);
  // A form that was asked for is shown as asked.
  const predicted = options.form === undefined ? loaded?.predicted : undefined;
  const subjects = subjectsOf(own, loaded, { form, predicted });
  const inspection = {
    ...inspectionOf(subjects, loaded, { target, own, predicted }),
    ...formOf(source),
    ...libraryOf(own, target, { form, predicted }),
    notes: notesIn(own, target, options.conversion),
  };
  const [main] = subjects;
  if (main === undefined)
    throw new BenchError(
      'environment',
      `could not read the filter of ${loaded?.what ?? 'the container'}: ${inspection.notSeen.join('; ')}`,
      own === null ? {} : { hint: "Add --form plain or --form tree to see what this machine's libseccomp builds." },
    );
  show(main, inspection, { options, source, target, io });
}

/** `null`: only a process or container that exists is looked at. */
const sourceFor = ({ profile, loaded, conversion }: InspectOptions, io: Io): Promise<FilterSource | null> =>
  profile === undefined && wantsExisting(loaded)
    ? Promise.resolve(null)
    : readSource(profile, io, sourceOptions(conversion));

/** The library that builds filters here, and its faults as far as they matter to this one. */
function libraryOf(
  own: SourceFilter | null,
  { machine }: Target,
  { form, predicted }: Making,
): Pick<Inspection, 'libseccomp'> {
  if (own?.spec === undefined) return {};
  const { spec } = own;
  if (predicted?.state === 'built' && predicted.libseccomp !== undefined) {
    const { libseccomp, runtime, form: built = form } = predicted;
    const facts = libseccompFacts(libseccomp, { spec, machine, form: built });
    return { libseccomp: { ...facts, ...(runtime === undefined ? {} : { runtime }) } };
  }
  const version = libseccompVersion();
  return version === null ? {} : { libseccomp: libseccompFacts(version, { spec, machine, form }) };
}

/** The form of the file, and in words where not every reader makes the same of it. */
const formOf = (source: FilterSource | null): Pick<Inspection, 'form' | 'read'> => ({
  ...(source === null ? {} : { form: source.form }),
  ...(source === null || !isTold(source) ? {} : { read: formWords(source) }),
});

interface Shown {
  readonly options: InspectOptions;
  readonly source: FilterSource | null;
  readonly target: Target;
  readonly io: Io;
}

/** The disassembly, one call, or a view of all calls. */
function show(main: Subject, inspection: Inspection, { options, source, target, io }: Shown): void {
  const { view, json } = options;
  const section = view.section ?? target.machine;
  if (view.disassemble) showDisassembly(main, json, io);
  else if (view.call !== null) explain(main, view.call, { inspection, section, json, io });
  else showCalls(inspection, { options, source, target, io });
}

function showCalls(inspection: Inspection, { options, source, target, io }: Shown): void {
  const { view, json } = options;
  const isDefault = (options.profile === undefined || options.profile === 'default') && !wantsExisting(options.loaded);
  const denied =
    source?.kind === 'profile' && isDefault && (view.sort === 'denied' || json)
      ? countDenied(source.profile, target, options.conversion)
      : null;
  if (view.section !== null && view.section !== 'all') assertSection(view.section, inspection);
  if (json) {
    const document = { ...inspection, notes: notesWithSentences(inspection.notes ?? []) };
    printJson(io, 'inspection', { ...document, ...(denied === null ? {} : { denied }) }, { compact: true });
  } else {
    const section = view.section ?? target.machine;
    io.out(renderInspection(inspection, { sort: view.sort, section, limit: view.limit, denied }, lookOf(io)));
  }
}

function showDisassembly({ filters }: Subject, json: boolean, io: Io): void {
  const listings = filters.map(disassemble);
  if (json) printJson(io, 'disassembly', { filters: listings });
  else io.out(renderDisassembly(listings));
}

function explain(
  { filters }: Subject,
  question: CallQuestion,
  {
    inspection,
    section,
    json,
    io,
  }: { readonly inspection: Inspection; readonly section: string; readonly json: boolean; readonly io: Io },
): void {
  const explanation = explainCall(filters, inspection.filters[0]?.calls ?? [], { arch: section, ...question });
  if (json) printJson(io, 'explanation', explanation);
  else io.out(renderExplanation(explanation, lookOf(io)));
}

/** An architecture without a section has no calls to show. Throws `usage`. */
function assertSection(section: string, { filters }: Inspection): void {
  const known = [...new Set(filters.flatMap(({ calls }) => calls.map(({ arch }) => arch)))];
  if (known.includes(section)) return;
  throw invalidValue('--section', `one of ${[...known, 'all'].join(', ')}`, `"${section}"`, {
    hint: 'These are the architectures of the filter. Use --arch or --policy for others.',
  });
}

/** A filter that is loaded is this machine's. Throws `usage`. */
function targetFor({ arch, loaded }: InspectOptions): Target {
  if (arch !== undefined && wantsLoaded(loaded))
    throw conflict('--arch', 'a container or a process', {
      hint: 'A loaded filter is for this machine; --section chooses one of its architectures.',
    });
  const target = targetOf(arch);
  // Refuses an architecture that libseccomp does not know.
  knownArchitecture(target.machine);
  return target;
}

async function loadedOf(own: SourceFilter | null, request: LoadedRequest, io: Io): Promise<Loaded | null> {
  if (wantsExisting(request)) return loadedOfExisting(request, io);
  return wantsLoaded(request) && own !== null ? loadedInOwn(own, request, io) : null;
}

/** What the author of the file would want to know; a container's filter has none. */
const notesIn = (
  own: SourceFilter | null,
  target: Target,
  conversion: InspectOptions['conversion'],
): readonly Note[] =>
  own === null
    ? []
    : notesOf(own.source, { ...target, ...conversion, kernel: conversion.kernel ?? release() }, own.filters);

/** The loaded filter comes first: it is the one that counts. */
function subjectsOf(own: SourceFilter | null, loaded: Loaded | null, making: Making): readonly Subject[] {
  const seen = loaded?.programs.state === 'seen' ? loaded.programs : null;
  return [
    ...(seen === null
      ? []
      : [
          {
            filters: seen.programs.map((program) => new Simulator(program)),
            origin: { kind: 'loaded', via: seen.via, what: loaded?.what ?? '' } as const,
          },
        ]),
    ...(own === null ? [] : predictedSubject(own, making)),
  ];
}

/** What a filter is built in, or how the engine that loaded it builds it. */
interface Making {
  readonly form: FilterForm;
  readonly predicted: Loaded['predicted'];
}

/** None where it is not known how the engine builds it. */
function predictedSubject({ source, filters }: SourceFilter, { form, predicted }: Making): readonly Subject[] {
  if (predicted === undefined || source.kind !== 'profile') return [{ filters, origin: originOf(source, form) }];
  if (predicted.state === 'unknown') return [];
  const { program, libseccomp = libseccompVersion() ?? '', form: built = 'plain', runtime } = predicted;
  const isLxc = predicted.form === undefined;
  const origin = {
    kind: 'predicted',
    libseccomp,
    form: built,
    ...(runtime === undefined ? {} : { runtime }),
    ...(isLxc ? { rules: 'LXC' as const } : {}),
  } as const;
  return [{ filters: [new Simulator(program)], origin }];
}

function originOf({ kind, form: sourceForm, name }: FilterSource, form: FilterForm): FilterOrigin {
  if (kind === 'raw') return { kind: 'given', form: sourceForm, name };
  const predicted = { kind: 'predicted', libseccomp: libseccompVersion() ?? '', form } as const;
  return kind === 'lxc' ? { ...predicted, rules: 'LXC' } : predicted;
}

interface Inspected {
  readonly target: Target;
  readonly own: SourceFilter | null;
  readonly predicted: Loaded['predicted'];
}

function inspectionOf(
  subjects: readonly Subject[],
  loaded: Loaded | null,
  { target, own, predicted }: Inspected,
): Inspection {
  const filters = subjects.map(({ filters: programs, origin }) => inspectFilter(programs, origin, target.machine));
  const [first, second] = subjects;
  const agreement =
    first?.origin.kind === 'loaded' && second !== undefined ? agreementOf(first.filters, second.filters) : undefined;
  return {
    subject: own === null ? (loaded?.what ?? '') : subjectWords(own.source, target),
    filters,
    notSeen: missingFrom(loaded, own),
    ...(predicted?.state === 'unknown' ? { notPredicted: predicted.reason } : {}),
    ...(agreement === undefined ? {} : { agreement }),
    ...(loaded === null || filters[0] === undefined ? {} : { cache: compareCache(loaded.cache, filters[0].calls) }),
  };
}

/** Why nothing was seen, and what the engine, or without one this machine's libseccomp, cannot load. */
const missingFrom = (loaded: Loaded | null, own: SourceFilter | null): readonly string[] => [
  ...(loaded?.programs.state === 'notSeen' ? [loaded.programs.reason] : []),
  ...(loaded?.leftOut ?? own?.leftOut ?? []).map(({ what, reason }) => `${what} left out: ${reason}`),
];

/** A filter that is built already is the same on every machine. */
const subjectWords = (source: FilterSource, { machine }: Target): string =>
  source.kind === 'raw'
    ? source.name
    : `${source.kind === 'profile' ? source.profile.fileName : source.name} on ${machine}`;

/** Whether the loaded filter is the predicted one, or ends with it. */
function agreementOf(
  loaded: readonly Simulator[],
  predicted: readonly Simulator[],
): NonNullable<Inspection['agreement']> {
  const [one, ...more] = loaded;
  const [other] = predicted;
  if (one === undefined || other === undefined || more.length > 0) return 'different';
  const text = (instructions: Simulator['instructions']): string => JSON.stringify(instructions);
  if (text(one.instructions) === text(other.instructions)) return 'same';
  return text(one.instructions.slice(-other.length)) === text(other.instructions) ? 'same after the stub' : 'different';
}
