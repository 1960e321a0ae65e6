import { BenchError } from '../../errors.js';
import {
  compareCache,
  disassemble,
  explainCall,
  inspectFilter,
  knownArchitecture,
  libseccompVersion,
  Simulator,
} from '../../filter/index.js';
import type { FilterForm } from '../../filter/index.js';
import type { FilterOrigin, Inspection } from '../../model/filter/inspection.js';
import type { Io } from '../../model/io.js';
import type { Profile } from '../../model/profile/profile.js';
import { renderDisassembly, renderExplanation, renderInspection } from '../../report/inspection/inspection.js';
import type { InspectionView } from '../../report/inspection/inspection.js';
import { countDenied } from '../../experiment/syscalls/denied.js';
import { loadedRequest, parseCallWish, parseLimit } from '../options/inspect.js';
import { loadedInOwn, loadedOfExisting, wantsExisting, wantsLoaded } from '../../experiment/arms/loaded-filters.js';
import type { Loaded, LoadedRequest } from '../../experiment/arms/loaded-filters.js';
import { predict, readProfile } from '../../experiment/arms/predict.js';
import type { ConversionOptions, Predicted } from '../../experiment/arms/predict.js';
import { targetOf } from '../options/target.js';
import type { Target } from '../options/target.js';

/** The options of `bench inspect`, as declared in program-inspect.ts. */
export interface InspectOptions extends ConversionOptions, Omit<LoadedRequest, 'pid'> {
  readonly pid?: string;
  readonly profile?: string;
  readonly arch?: string;
  readonly tree: boolean;
  readonly section?: string;
  readonly sort: InspectionView['sort'];
  readonly limit?: string;
  /** NAME or NAME,ARG,ARG... */
  readonly call?: string;
  readonly disassemble: boolean;
  readonly json: boolean;
}

/** One filter to be shown, programs at hand. */
interface Subject {
  readonly filters: readonly Simulator[];
  readonly origin: FilterOrigin;
}

/** `bench inspect`: what a filter says to every system call, predicted and, where asked for, as really loaded. */
export async function run(options: InspectOptions, io: Io): Promise<number> {
  const target = targetFor(options);
  const form: FilterForm = options.tree ? 'tree' : 'plain';
  const limit = parseLimit(options.limit);
  const profile =
    options.profile === undefined && wantsExisting(loadedRequest(options))
      ? null
      : await readProfile(options.profile, options.lenient, io);
  const predicted = profile === null ? null : predict(profile, target, { ...options, form });
  const loaded = await loadedOf(predicted, options, io);
  const subjects = subjectsOf(predicted, loaded, form);
  const inspection = inspect(subjects, loaded, { profile, target, predicted });
  const [main] = subjects;
  if (main === undefined)
    throw new BenchError(
      'environment',
      `Expected to read the filter of ${loaded?.what ?? 'the container'}, got nothing: ${inspection.notSeen.join('; ')}`,
    );
  const look = { columns: io.columns ?? 80, colour: io.colour };
  if (options.disassemble) io.out(renderDisassembly(main.filters.map(disassemble), options.json));
  else if (options.call !== undefined)
    io.out(
      renderExplanation(
        explainCall(
          main.filters,
          inspection.filters[0]?.calls ?? [],
          parseCallWish(options.call, options.section ?? target.machine),
        ),
        options.json,
        look,
      ),
    );
  else {
    const isDefault = profile !== null && options.profile === undefined && !wantsExisting(loadedRequest(options));
    const denied =
      isDefault && (options.sort === 'denied' || options.json) ? countDenied(profile, target, options) : null;
    if (options.section !== undefined && options.section !== 'all') assertSection(options.section, inspection);
    io.out(
      renderInspection(
        inspection,
        { sort: options.sort, section: options.section ?? target.machine, limit, json: options.json, denied },
        look,
      ),
    );
  }
  return 0;
}

/** An architecture without a section has no calls to show. Throws `usage`. */
function assertSection(section: string, { filters }: Inspection): void {
  const known = [...new Set(filters.flatMap(({ calls }) => calls.map(({ arch }) => arch)))];
  if (known.includes(section)) return;
  throw new BenchError('usage', `--section: expected one of ${[...known, 'all'].join(', ')}, got "${section}"`, {
    hint: 'These are the architectures the filter knows; --arch and --policy choose others.',
  });
}

/** A filter that is loaded is this machine's. */
function targetFor(options: InspectOptions): Target {
  if (options.arch !== undefined && wantsLoaded(loadedRequest(options))) {
    throw new BenchError('usage', `Expected --arch without a container, got --arch ${options.arch}`, {
      hint: 'What is loaded here is of this machine; --section chooses one of its architectures.',
    });
  }
  const target = targetOf(options.arch);
  // Names what libseccomp knows, where this is not among it.
  knownArchitecture(target.machine);
  return target;
}

async function loadedOf(predicted: Predicted | null, options: InspectOptions, io: Io): Promise<Loaded | null> {
  if (wantsExisting(loadedRequest(options))) return loadedOfExisting(loadedRequest(options), io);
  return wantsLoaded(loadedRequest(options)) && predicted !== null
    ? loadedInOwn(predicted.spec, loadedRequest(options), io)
    : null;
}

/** What is loaded comes first: it is what counts. */
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

function inspect(
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
    formatVersion: 1,
    subject: profile === null ? (loaded?.what ?? '') : `${profile.fileName} on ${target.machine}`,
    filters,
    notSeen: [...reason, ...(predicted?.leftOut ?? []).map(({ what, reason: why }) => `${what} is left out: ${why}`)],
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
