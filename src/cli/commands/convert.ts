import { machine, release } from 'node:os';
import { Argument } from 'commander';
import type { Command } from 'commander';
import type { Io } from '../../model/io.js';
import type { ConvertRequest } from '../../convert/index.js';
import type { ArchitecturePolicy, LeftOut, SeccompSpec } from '../../model/profile/seccomp.js';
import { isTold } from '../../model/profile/source.js';
import type { ProfileSource } from '../../model/profile/source.js';
import type { NoteWithSentence } from '../../report/index.js';
import type { Act } from '../act.js';
import {
  declareConversion,
  declareDialect,
  declarePolicy,
  parseConversion,
  PROFILE_FORMS,
} from '../options/conversion.js';
import type { RawConversion, RawProfile } from '../options/conversion.js';
import { finish, option } from '../options/option.js';
import { printData } from '../output/json.js';
import { declareJson, parseJson } from '../options/output.js';
import type { RawJson } from '../options/output.js';

type RawConvert = RawConversion &
  Pick<RawProfile, 'dialect'> &
  RawJson & { readonly arch?: string; readonly policy: ArchitecturePolicy; readonly explain?: boolean };

/** `bench convert`: the OCI `linux.seccomp` object of a profile. */
export function declareConvert(cli: Command, act: Act): void {
  const command = cli
    .command('convert')
    .summary('convert a profile to OCI linux.seccomp')
    .description('convert a profile to the OCI linux.seccomp object, on standard output')
    .addArgument(new Argument('[profile]', `${PROFILE_FORMS}, or - for standard input (default: built-in)`))
    .addOption(option('--arch <arch>', 'host architecture, Go or uname name (default: this machine)', 'common'))
    .addOption(option('--explain', 'list on standard error what was dropped and why, and notes on the rest', 'common'));
  declareConversion(declareDialect(declarePolicy(declareJson(command))));
  finish(command, [
    'bench convert my-profile.json > seccomp.json',
    'bench convert my-profile.json --arch arm64 --policy all --explain',
  ]).action((profile: string | undefined, raw: RawConvert) => act((io) => convert(profile, raw, io)));
}

/** Prints the spec, and on standard error what was dropped where that is asked for. */
async function convert(file: string | undefined, raw: RawConvert, io: Io): Promise<number> {
  const [{ convertProfile, goArchFromName, serialiseSpec }, { profileIn, readSource, sourceOptions }] =
    await Promise.all([import('../../convert/index.js'), import('../../profile/index.js')]);
  const conversion = parseConversion(raw);
  const { capabilities, kernel } = conversion;
  const request = {
    arch: goArchFromName(raw.arch ?? machine()),
    policy: raw.policy,
    dialect: raw.dialect,
    capabilities,
    kernel: kernel ?? release(),
  };
  const source = profileIn(await readSource(file, io, sourceOptions({ ...conversion, dialect: raw.dialect })));
  const { spec, leftOut } = convertProfile(source.profile, request);
  if (file !== undefined && (raw.explain === true || isTold(source))) {
    const { formWords } = await import('../../report/index.js');
    io.err(`${formWords(source)}\n`);
  }
  const notes = raw.explain === true ? await notesIn(source, request) : null;
  if (notes !== null) io.err(explanation(source, { spec, leftOut }, notes));
  if (parseJson(raw)) {
    const { printJson } = await import('../output/json.js');
    printJson(io, 'conversion', {
      profile: source.name,
      form: source.form,
      ignored: source.ignored,
      arch: request.arch,
      dialect: raw.dialect,
      spec,
      leftOut,
      ...(notes === null ? {} : { notes }),
    });
  } else printData(io, `${serialiseSpec(spec, raw.dialect)}\n`);
  return 0;
}

/** Notes on the spec, without those on keys: these are among what was dropped or ignored. */
async function notesIn(source: ProfileSource, request: ConvertRequest): Promise<readonly NoteWithSentence[]> {
  const [{ notesOf }, { notesWithSentences }, { targetOfGo }] = await Promise.all([
    import('../../experiment/index.js'),
    import('../../report/index.js'),
    import('../options/target.js'),
  ]);
  const notes = notesOf(source, { ...request, machine: targetOfGo(request.arch).machine });
  return notesWithSentences(notes.filter(({ code }) => code !== 'ignored-key'));
}

function explanation(
  { ignored }: ProfileSource,
  { spec, leftOut }: { readonly spec: SeccompSpec | null; readonly leftOut: readonly LeftOut[] },
  notes: readonly NoteWithSentence[],
): string {
  const lines = leftOut.map(({ kind, what, reason }) => `dropped ${kind} ${what}: ${reason}`);
  if (spec === null) lines.unshift('no seccomp: the profile has neither a default action nor rules');
  if (lines.length === 0) lines.push(ignored.length === 0 ? 'nothing was dropped' : 'nothing else was dropped');
  const told = notes.map(({ file, path, sentence }) => `note: ${[file, path ?? [], sentence].flat().join(': ')}`);
  return `${[...lines, ...told].join('\n')}\n`;
}
