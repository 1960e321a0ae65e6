import { BenchError, conflict } from '../../../errors.js';
import { filterOfSource } from '../../../experiment/index.js';
import type { ConversionOptions, SourceFilter } from '../../../experiment/index.js';
import { architectureFacts, encodeFilter, filterFacts, libseccompVersion } from '../../../filter/index.js';
import type { FilterForm, Simulator } from '../../../filter/index.js';
import type { Io } from '../../../model/io.js';
import type { LeftOut } from '../../../model/profile/seccomp.js';
import { FORM_NAMES } from '../../../model/profile/source.js';
import { readSource, sourceOptions, type SourceOptions } from '../../../profile/index.js';
import { targetOf } from '../../options/target.js';
import type { BuildDocument } from '../../output/documents.js';
import { printJson } from '../../output/json.js';
import { writeFilter } from './write-filter.js';

export interface BuildOptions {
  /** Absent: the built-in profile. */
  readonly file?: string;
  /** Absent: this machine. */
  readonly arch?: string;
  /** Absent: none was asked for. */
  readonly form?: FilterForm;
  /** Absent: standard output. */
  readonly output?: string;
  readonly conversion: ConversionOptions & SourceOptions;
  readonly base64: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Writes the filter and says on standard error what it is. Throws `usage`, `input` and `environment`. */
export async function build(options: BuildOptions, io: Io): Promise<void> {
  const { conversion } = options;
  assertPlace(options, io);
  const target = targetOf(options.arch);
  const source = await readSource(options.file, io, sourceOptions(conversion));
  if (source.kind !== 'profile' && options.form !== undefined)
    throw conflict('--form', FORM_NAMES[source.form], { hint: 'The layout is chosen when a profile is built.' });
  const own = filterOfSource(source, target, { ...conversion, form: options.form ?? 'plain' });
  const [filter] = own.filters;
  if (filter === undefined) throw new RangeError('a source has one filter');
  const bytes = encodeFilter(filter.instructions, filter.order);
  const document = documentOf(own, { filter, bytes, machine: target.machine, options });
  write(document, options, io);
  if (!options.quiet) io.err(wordsOf(document));
}

/** Refuses bytes on a terminal. Throws `usage`. */
function assertPlace({ output, base64, json }: BuildOptions, { outColumns, outBytes }: Io): void {
  if (output !== undefined || base64 || json || (outColumns === null && outBytes !== undefined)) return;
  throw new BenchError('usage', 'a filter is binary, and standard output is a terminal', {
    hint: 'Use -o FILE, --base64, or send it to a pipe or a file.',
  });
}

function write(document: BuildDocument, { file, output, base64, json }: BuildOptions, io: Io): void {
  const bytes = Buffer.from(document.base64, 'base64');
  if (output !== undefined) writeFilter(output, base64 ? `${document.base64}\n` : bytes, { source: file, cwd: io.cwd });
  if (json) printJson(io, 'build', document);
  else if (output === undefined && base64) io.out(`${document.base64}\n`);
  else if (output === undefined) io.outBytes?.(bytes);
}

interface Built {
  readonly filter: Simulator;
  readonly bytes: Buffer;
  readonly machine: string;
  readonly options: BuildOptions;
}

function documentOf(own: SourceFilter, { filter, bytes, machine, options }: Built): BuildDocument {
  const { source } = own;
  const isRaw = source.kind === 'raw';
  return {
    source: source.name,
    form: source.form,
    machine,
    layout: isRaw ? null : (options.form ?? 'plain'),
    libseccomp: isRaw ? null : libseccompVersion(),
    ...filterFacts(bytes),
    bytes: bytes.length,
    order: filter.order,
    architectures: architectureFacts(filter),
    leftOut: [...own.leftOut, ...besidesTheFilter(own)],
    output: options.output ?? null,
    base64: bytes.toString('base64'),
  };
}

/** What a spec has besides rules is the affair of the program that loads the filter. */
function besidesTheFilter({ spec }: SourceFilter): readonly LeftOut[] {
  const reason = 'it is not part of a filter: the program that loads the filter has to set it';
  return (spec?.flags ?? []).map((what) => ({ kind: 'field', what, reason }));
}

function wordsOf({ source, form, machine, layout, libseccomp, instructions, ...built }: BuildDocument): string {
  const { sha256, order, architectures, leftOut } = built;
  const made =
    libseccomp === null
      ? `checked ${source}, ${FORM_NAMES[form]}`
      : `built from ${source}, ${FORM_NAMES[form]}, for ${machine} (libseccomp ${libseccomp}, ${layout ?? ''})`;
  const knows = architectures.known.length === 0 ? 'any architecture' : architectures.known.join(', ');
  return [
    `${made}: ${instructions} instructions${order === 'big-endian' ? ', big-endian' : ''}, ${knows}, SHA-256 ${sha256}`,
    ...leftOut.map(({ what, reason }) => `left out: ${what}: ${reason}`),
    '',
  ].join('\n');
}
