import type { Command } from 'commander';
import type { Io } from '../../model/io.js';
import { shellQuote } from '../../model/shell-quote.js';
import type { Act } from '../act.js';
import { finish } from '../options/option.js';
import { declareJson, parseJson } from '../options/output.js';
import type { RawJson } from '../options/output.js';

/** Declares `doctor`. */
export function declareDoctor(cli: Command, act: Act): void {
  const command = cli
    .command('doctor')
    .summary('check which engines work here')
    .description('check which engines work here, what blocks the others, and how to fix that');
  finish(declareJson(command), ['bench doctor', 'bench doctor --json']).action((raw: RawJson) =>
    act((io) => run(parseJson(raw), io)),
  );
}

/** Gives 0 where the main job can run, else 2. */
async function run(json: boolean, io: Io): Promise<number> {
  const [{ examine }, { renderCheckup }, { printJson }, { lookOf }] = await Promise.all([
    import('../../experiment/doctor/examine.js'),
    import('../../report/index.js'),
    import('../output/json.js'),
    import('../output/look.js'),
  ]);
  const checkup = await examine(await selfCommand(io), io);
  if (json) printJson(io, 'checkup', checkup);
  else io.out(renderCheckup(checkup, lookOf(io)));
  return checkup.mainJob.canRun ? 0 : 2;
}

/** As root has to type it: by name where that is installed, by its files in a clone. */
async function selfCommand({ env }: Io): Promise<string> {
  const { packageRoot, thisHost } = await import('../../host/index.js');
  return thisHost(env, '').program('bench') === null
    ? shellQuote([process.execPath, `${packageRoot()}dist/cli.js`, 'doctor'])
    : 'bench doctor';
}
