// How soon `bench --help` answers, against an empty Node program.
import { withHostFilter, CLI, median, ms } from './sessions.mjs';

const PAIRS = 25;

/** The rows of this figure. */
export const startUpPerf = () =>
  withHostFilter(async (host) => {
    const help = [];
    const empty = [];
    for (let pair = 0; pair < PAIRS; pair += 1) {
      help.push(await host.time(process.execPath, [CLI, '--help']));
      empty.push(await host.time(process.execPath, ['-e', '0']));
    }
    const ratio = median(help) / median(empty);
    return [
      {
        figure: '`node dist/cli.js --help` over `node -e 0`',
        measured: `${ratio.toFixed(2)} (${ms(median(help))} over ${ms(median(empty))}, medians of ${PAIRS} interleaved pairs)`,
        target: 'within 1.5',
        met: ratio <= 1.5,
      },
    ];
  });
