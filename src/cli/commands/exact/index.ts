import type { Command } from 'commander';
import type { Dialect } from '../../../model/profile/seccomp.js';
import type { Act } from '../../act.js';
import { declareConversion, declareDialect, parseFilterConversion, PROFILE_FORMS } from '../../options/conversion.js';
import type { RawConversion } from '../../options/conversion.js';
import { finish, option } from '../../options/option.js';
import { declareJson, parseJson } from '../../options/output.js';
import type { RawJson } from '../../options/output.js';

type RawExact = RawConversion & RawJson & { readonly dialect: Dialect; readonly arch?: string };

/** `bench exact`: the part of a comparison that needs no machine of the architecture. */
export function declareExact(cli: Command, act: Act): void {
  const command = cli
    .command('exact')
    .summary('compare profile and filter sizes on any architecture')
    .description('compare profile and filter sizes for any architecture, without such a machine')
    .argument('[profile]', `${PROFILE_FORMS}, or - for standard input (default: built-in)`)
    .addOption(
      option(
        '--arch <list>',
        'machines, separated by commas, or all that libseccomp knows (default: this one)',
        'common',
      ),
    );
  declareConversion(declareDialect(declareJson(command)));
  finish(command, ['bench exact --arch all', 'bench exact my-profile.json --arch x86_64,arm64']).action(
    (file: string | undefined, raw: RawExact) =>
      act(async (io) => {
        const json = parseJson(raw);
        const machines = raw.arch === undefined ? null : raw.arch === 'all' ? 'all' : raw.arch.split(',');
        const { exactReport } = await import('./figures.js');
        const report = await exactReport(file, { conversion: parseFilterConversion(raw), machines }, io);
        if (json) {
          const { printJson } = await import('../../output/json.js');
          printJson(io, 'exact', report);
        } else {
          const [{ renderExact }, { lookOf }] = await Promise.all([
            import('../../../report/index.js'),
            import('../../output/look.js'),
          ]);
          io.out(renderExact(report, lookOf(io)));
        }
        return 0;
      }),
  );
}
