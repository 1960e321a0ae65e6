import type { Command } from 'commander';
import type { Io } from '../../model/io.js';
import { shellQuote } from '../../model/shell-quote.js';
import type { Act } from '../act.js';

export interface DoctorOptions {
  readonly json: boolean;
}

/** Declares `doctor`. */
export function declareDoctor(program: Command, act: Act): void {
  program
    .command('doctor')
    .description('check which engines work here, what blocks the others, and how to fix that')
    .option('--json', 'print one JSON document instead of text')
    .action((options: Partial<DoctorOptions>) => act((io) => run({ json: options.json === true }, io)));
}

/** Gives 0 where the main job can run, else 2. */
async function run({ json }: DoctorOptions, io: Io): Promise<number> {
  const [{ examine }, { renderCheckup }] = await Promise.all([
    import('../../experiment/doctor/examine.js'),
    import('../../report/index.js'),
  ]);
  const checkup = await examine(await selfCommand(io), io);
  io.out(
    json
      ? `${JSON.stringify(checkup, null, 2)}\n`
      : renderCheckup(checkup, { columns: io.columns ?? 80, colour: io.colour }),
  );
  return checkup.mainJob.canRun ? 0 : 2;
}

/** As root has to type it: by name where that is installed, by its files in a clone. */
async function selfCommand({ env }: Io): Promise<string> {
  const { packageRoot, thisHost } = await import('../../host/index.js');
  return thisHost(env, '').program('bench') === null
    ? shellQuote([process.execPath, `${packageRoot()}dist/cli.js`, 'doctor'])
    : 'bench doctor';
}
