import { release } from 'node:os';
import { BenchError, conflict, invalidValue } from '../../../errors.js';
import {
  countDenied,
  loadedInOwn,
  loadedOfExisting,
  notesOfProfile,
  predict,
  readProfile,
  wantsExisting,
  wantsLoaded,
} from '../../../experiment/index.js';
import type { Loaded, LoadedRequest, Predicted } from '../../../experiment/index.js';
import {
  compareCache,
  disassemble,
  explainCall,
  inspectFilter,
  knownArchitecture,
  libseccompVersion,
  Simulator,
} from '../../../filter/index.js';
import type { FilterForm } from '../../../filter/index.js';
import type { FilterOrigin, Inspection } from '../../../model/filter/inspection.js';
import type { Note } from '../../../model/filter/notes.js';
import type { Io } from '../../../model/io.js';
import type { Profile } from '../../../model/profile/profile.js';
import type { ArchitecturePolicy } from '../../../model/profile/seccomp.js';
import { notesWithSentences, renderDisassembly, renderExplanation, renderInspection } from '../../../report/index.js';
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
  readonly form: FilterForm;
  readonly loaded: LoadedRequest;
  readonly view: ViewOptions;
  readonly json: boolean;
}

/** One filter to be shown, in a form that can be run. */
interface Subject {
  readonly filters: readonly Simulator[];
  readonly origin: FilterOrigin;
}

/** What a profile's filter answers to every system call: predicted and, where asked for, as loaded. */
export async function inspect(options: InspectOptions, io: Io): Promise<void> {
  const { form } = options;
  const target = targetFor(options);
  const isExisting = wantsExisting(options.loaded);
  const profile =
    options.profile === undefined && isExisting
      ? null
      : await readProfile(options.profile, options.conversion.lenient, io);
  const predicted = profile === null ? null : predict(profile, target, { ...options.conversion, form });
  const loaded = await loadedOf(predicted, options.loaded, io);
  const subjects = subjectsOf(predicted, loaded, form);
  const notes = notesIn(profile, predicted, target, options.conversion);
  const inspection = { ...inspectionOf(subjects, loaded, { profile, target, predicted }), notes };
  const [main] = subjects;
  if (main === undefined)
    throw new BenchError(
      'environment',
      `could not read the filter of ${loaded?.what ?? 'the container'}: ${inspection.notSeen.join('; ')}`,
    );
  show(main, inspection, { options, profile, target, io });
}

interface Shown {
  readonly options: InspectOptions;
  readonly profile: Profile | null;
  readonly target: Target;
  readonly io: Io;
}

/** The disassembly, one call, or a view of all calls. */
function show(main: Subject, inspection: Inspection, { options, profile, target, io }: Shown): void {
  const { view, json } = options;
  const section = view.section ?? target.machine;
  if (view.disassemble) showDisassembly(main, json, io);
  else if (view.call !== null) explain(main, view.call, { inspection, section, json, io });
  else showCalls(inspection, { options, profile, target, io });
}

function showCalls(inspection: Inspection, { options, profile, target, io }: Shown): void {
  const { view, json } = options;
  const isDefault = profile !== null && options.profile === undefined && !wantsExisting(options.loaded);
  const denied =
    isDefault && (view.sort === 'denied' || json) ? countDenied(profile, target, options.conversion) : null;
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

async function loadedOf(predicted: Predicted | null, request: LoadedRequest, io: Io): Promise<Loaded | null> {
  if (wantsExisting(request)) return loadedOfExisting(request, io);
  return wantsLoaded(request) && predicted !== null ? loadedInOwn(predicted.spec, request, io) : null;
}

/** What the author of the profile would want to know; a container's filter has no file. */
const notesIn = (
  profile: Profile | null,
  predicted: Predicted | null,
  target: Target,
  conversion: InspectOptions['conversion'],
): readonly Note[] =>
  profile === null || predicted === null
    ? []
    : notesOfProfile({ form: 'docker', name: profile.fileName, profile, ignored: [] }, predicted.spec, {
        ...target,
        ...conversion,
        kernel: conversion.kernel ?? release(),
      });

/** The loaded filter comes first: it is the one that counts. */
function subjectsOf(predicted: Predicted | null, loaded: Loaded | null, form: FilterForm): readonly Subject[] {
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
    ...(predicted === null
      ? []
      : [
          {
            filters: [predicted.filter],
            origin: { kind: 'predicted', libseccomp: libseccompVersion() ?? '', form } as const,
          },
        ]),
  ];
}

function inspectionOf(
  subjects: readonly Subject[],
  loaded: Loaded | null,
  {
    profile,
    target,
    predicted,
  }: {
    readonly profile: Profile | null;
    readonly target: Target;
    readonly predicted: Predicted | null;
  },
): Inspection {
  const filters = subjects.map(({ filters: programs, origin }) => inspectFilter(programs, origin, target.machine));
  const reason = loaded?.programs.state === 'notSeen' ? [loaded.programs.reason] : [];
  const [first, second] = subjects;
  const agreement =
    first?.origin.kind === 'loaded' && second !== undefined ? agreementOf(first.filters, second.filters) : undefined;
  return {
    subject: profile === null ? (loaded?.what ?? '') : `${profile.fileName} on ${target.machine}`,
    filters,
    notSeen: [...reason, ...(predicted?.leftOut ?? []).map(({ what, reason: why }) => `${what} left out: ${why}`)],
    ...(agreement === undefined ? {} : { agreement }),
    ...(loaded === null || filters[0] === undefined ? {} : { cache: compareCache(loaded.cache, filters[0].calls) }),
  };
}

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
