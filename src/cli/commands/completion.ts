import { Argument } from 'commander';
import type { Command } from 'commander';
import type { Act } from '../act.js';
import { finish } from '../options/option.js';
import { SHELLS } from '../output/completion/index.js';
import type { Shell } from '../output/completion/index.js';

/** `bench completion`: a script that completes commands, options and values in a shell. */
export function declareCompletion(cli: Command, act: Act): void {
  const command = cli
    .command('completion')
    .summary('shell completions for bash, zsh and fish')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS));
  finish(command, [
    'source <(bench completion bash)',
    'bench completion fish > ~/.config/fish/completions/bench.fish',
  ]).action((shell: Shell) =>
    act(async (io) => {
      const { completionScript } = await import('../output/completion/index.js');
      const { scenarioNames } = await import('../../scenario/index.js');
      const { packageRoot } = await import('../../package.js');
      io.out(completionScript(cli, shell, scenarioNames(packageRoot())));
      return 0;
    }),
  );
}
