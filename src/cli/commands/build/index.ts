import type { Command } from 'commander';
import { conflict } from '../../../errors.js';
import type { ArchitecturePolicy, Dialect } from '../../../model/profile/seccomp.js';
import type { Act } from '../../act.js';
import { declareConversion, declareDialect, declarePolicy, parseConversion } from '../../options/conversion.js';
import type { RawConversion } from '../../options/conversion.js';
import { declareForm, parseForm } from '../../options/form.js';
import type { RawForm } from '../../options/form.js';
import { finish, option } from '../../options/option.js';
import { declareJson, declareQuiet, parseJson, parseQuiet } from '../../options/output.js';
import type { RawJson, RawQuiet } from '../../options/output.js';

type RawBuild = RawConversion &
  RawForm &
  RawJson &
  RawQuiet & {
    readonly arch?: string;
    readonly output?: string;
    readonly base64?: boolean;
    readonly policy: ArchitecturePolicy;
    readonly dialect: Dialect;
  };

/** `bench build`: the filter of a profile as bytes, for programs that load a filter as it is. */
export function declareBuild(cli: Command, act: Act): void {
  const command = cli
    .command('build')
    .summary('write the filter of a profile as raw BPF')
    .description(
      'write the filter of a profile or an LXC policy as raw BPF, for bubblewrap (--seccomp FD), minijail or crun ' +
        '(annotation run.oci.seccomp_bpf_data); a raw filter is checked and copied',
    )
    .argument('[file]', 'profile, LXC policy, raw filter, or - for standard input (default: built-in profile)')
    .addOption(option('-o, --output <file>', 'where to write it (default: standard output)', 'common'))
    .addOption(option('--base64', 'write it in base64', 'common'))
    .addOption(
      option('--arch <arch>', 'machine to build for: Go, uname or libseccomp name (default: this one)', 'common'),
    );
  declareForm(declareQuiet(declareJson(command)));
  declareConversion(declareDialect(declarePolicy(command)));
  finish(command, [
    'bench build my-profile.json -o filter.bpf',
    'bench build my-profile.json --arch arm64 --form tree --base64 > filter.b64',
  ]).action((file: string | undefined, raw: RawBuild) =>
    act(async (io) => {
      const { build } = await import('./build.js');
      await build(optionsOf(file, raw), io);
      return 0;
    }),
  );
}

/** Throws `usage`. */
function optionsOf(file: string | undefined, raw: RawBuild) {
  const form = parseForm(raw);
  const json = parseJson(raw);
  const { output, base64 = false, arch, policy, dialect } = raw;
  if (json && base64) throw conflict('--json', '--base64', { hint: 'The JSON has the filter in base64.' });
  const { kernel, ...conversion } = parseConversion(raw);
  return {
    ...(file === undefined ? {} : { file }),
    ...(arch === undefined ? {} : { arch }),
    ...(form === undefined ? {} : { form }),
    // As in other tools, - is standard output.
    ...(output === undefined || output === '-' ? {} : { output }),
    conversion: { ...conversion, policy, dialect, ...(kernel === null ? {} : { kernel }) },
    base64,
    json,
    quiet: parseQuiet(raw),
  };
}
