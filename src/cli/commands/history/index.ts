import type { Command } from 'commander';
import { unknownName } from '../../../errors.js';
import type { Act } from '../../act.js';
import { finish } from '../../options/option.js';
import { declareHistoryAdd } from './add.js';
import { declareHistoryCheck } from './check.js';
import { declareHistoryShow } from './show.js';

const COMMANDS = ['add', 'show', 'check'];
const HINT = 'bench history --help lists the commands.';

/** `bench history`: results from commit to commit. Without a command it prints its help. */
export function declareHistory(cli: Command, act: Act): void {
  const history = cli
    .command('history')
    .summary('keep results from commit to commit and find changes')
    .description('keep the ratios of runs from commit to commit, show their trend and fail where it became slower')
    .helpCommand(false);
  declareHistoryAdd(history, act);
  declareHistoryShow(history, act);
  declareHistoryCheck(history, act);
  finish(history, ['bench history add', 'bench history check --fail-if-slower 2%'])
    .allowExcessArguments()
    .action(() =>
      act((io) => {
        const [given] = history.args;
        if (given !== undefined) throw unknownName(given, 'a command', COMMANDS, { hint: HINT });
        io.out(history.helpInformation());
        return Promise.resolve(0);
      }),
    );
}
