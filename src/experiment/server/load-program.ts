import { notFound } from '../../errors.js';
import type { Service } from '../../model/run/program/service.js';
import { findProgram } from '../../process/files/find.js';

/** Debian's packages of load programs. */
const PACKAGES: Readonly<Record<string, string>> = {
  wrk: 'wrk',
  'redis-benchmark': 'redis-tools',
  pgbench: 'postgresql-contrib',
  ab: 'apache2-utils',
};
/** Words of a shell that begin no program of their own, and what only a shell can run. */
const NO_PROGRAM = /[|&;<>()$`"'*?[\]{}~!]|^(?:\.|cd|exec|for|if|set|while)$/;

/** The program that a load's command line begins with; `undefined` where only a shell can tell. */
export function programOfLoad(load: string): string | undefined {
  const word = load
    .trim()
    .split(/\s+/)
    .find((each) => !/^[A-Za-z_]\w*=/.test(each));
  return word === undefined || word === '' || NO_PROGRAM.test(word) ? undefined : word;
}

/** Throws `environment` where the load's program is not on this machine. */
export function assertLoad(
  { load }: Service,
  { env, cwd }: { readonly env: Readonly<Record<string, string | undefined>>; readonly cwd: string },
): void {
  const program = programOfLoad(load);
  if (program === undefined || findProgram(program, env['PATH'], cwd) !== undefined) return;
  const packaged = PACKAGES[program];
  throw notFound(program, 'PATH', {
    hint:
      packaged === undefined
        ? 'It is the program of --load, and has to be on this machine.'
        : `Install it with apt-get install ${packaged}.`,
  });
}
