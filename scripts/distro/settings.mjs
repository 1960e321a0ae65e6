import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Failure } from '../shared/failure.mjs';
import { SUITES } from './table.mjs';

export const ROOT = resolve(import.meta.dirname, '../..');

export const USAGE = `npm run test:distro -- trixie|sid [OPTIONS]: runs bench in that Debian, with its runtimes, as root

  --short           fewer containers, and only the runs that every engine has
  --root DIR        make the Debian in this folder, keep it, and use it again (default: a temporary folder)
  --work DIR        where the temporary folder is made                        (default: TMPDIR or /tmp)
  --out DIR         keep what bench printed and its results there, replaced   (default: nothing is kept)
  --only ENGINES    only the runs of these engines, such as runc,lxc
  --tests PATH      then the tests of this file or folder, on that Debian's Node; may be repeated
  --publish         write the outcome to docs/engines/ and the table in docs/engines.md; not with --short, --only
`;

/** The command line as one object; folders are absolute. `null`: help is asked for. */
export function readSettings(argv) {
  const { values, positionals } = parse(argv);
  if (values.help === true) return null;
  const [suite, ...others] = positionals;
  const known = Object.keys(SUITES);
  if (suite === undefined || others.length > 0 || !known.includes(suite))
    throw new Failure(
      2,
      `expected ${known.join(' or ')}, got "${positionals.join(' ')}"`,
      'For example npm run test:distro -- trixie --short.',
    );
  if (values.publish === true && (values.short === true || values.only !== undefined))
    throw new Failure(
      2,
      `--publish cannot be combined with ${values.short === true ? '--short' : '--only'}`,
      'The table shows whole runs alone.',
    );
  return {
    suite,
    short: values.short === true,
    publish: values.publish === true,
    root: values.root === undefined ? null : resolve(values.root),
    work: resolve(values.work ?? tmpdir()),
    out: values.out === undefined ? null : resolve(values.out),
    only: values.only?.split(',') ?? null,
    tests: values.tests ?? [],
  };
}

/** @param {readonly string[]} argv */
function parse(argv) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        short: { type: 'boolean' },
        publish: { type: 'boolean' },
        root: { type: 'string' },
        work: { type: 'string' },
        out: { type: 'string' },
        only: { type: 'string' },
        tests: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new Failure(2, error.message, 'npm run test:distro -- --help lists them.');
  }
}
