import type { Command } from 'commander';
import type { ArchitecturePolicy, Dialect } from '../../../model/profile/seccomp.js';
import type { Act } from '../../act.js';
import { declareConversion, declareDialect, declarePolicy, parseFilterConversion } from '../../options/conversion.js';
import type { RawConversion } from '../../options/conversion.js';
import { declareDiffSides, declareDiffView, parseDiffSides, parseDiffView } from '../../options/diff.js';
import type { RawDiffSides, RawDiffView } from '../../options/diff.js';
import { finish } from '../../options/option.js';

type RawDiff = RawDiffSides &
  RawDiffView &
  RawConversion & { readonly policy: ArchitecturePolicy; readonly dialect: Dialect };

/** `bench diff`: what changes from one filter to another, what was opened first. */
export function declareDiff(cli: Command, act: Act): void {
  const command = cli
    .command('diff')
    .summary('show what changes from one profile or filter to another')
    .description(
      'show which system calls and arguments are opened, closed or answered differently from A to B, for all numbers ' +
        'and arguments',
    )
    .argument(
      '<a>',
      'profile or filter in any form, default (the built-in profile), unconfined, - for standard input, ' +
        'container:ID or pid:N',
    )
    .argument('[b]', 'the same; without it, what --runtime or --engine loads for A');
  declareDiffSides(declareDiffView(command));
  declareConversion(declareDialect(declarePolicy(command)));
  finish(command, [
    'bench diff old.json new.json --fail-if-opened',
    'bench diff default container:web --engine docker',
  ]).action((before: string, after: string | undefined, raw: RawDiff) =>
    act(async (io) => {
      const options = {
        sides: parseDiffSides(before, after, raw),
        view: parseDiffView(raw),
        conversion: { ...parseFilterConversion(raw), policy: raw.policy },
      };
      const { diff } = await import('./filters.js');
      return diff(options, io);
    }),
  );
}
