// Writes man/bench.1 from the declarations of the command line: node scripts/make-man.mjs
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');

/** Text as roff prints it: no letter of a line is taken for a request. */
function roff(/** @type {string} */ text) {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('\u00b1', '\\(+-')
    .replace(/^([.'])/gm, '\\&$1');
}

/** A command and all below it that help shows, with their paths. */
function commandsOf(/** @type {import('commander').Command} */ command, /** @type {string} */ path) {
  /** @type {{ path: string, command: import('commander').Command }[]} */
  const found = [{ path, command }];
  for (const one of command.createHelp().visibleCommands(command))
    found.push(...commandsOf(one, `${path} ${one.name()}`));
  return found;
}

function section(/** @type {{ path: string, command: import('commander').Command }} */ { path, command }) {
  const help = command.createHelp();
  const usage = [...command.registeredArguments.map((one) => help.argumentTerm(one))].join(' ');
  return [
    `.SS ${roff(`${path} ${usage}`.trim())}`,
    roff(`${sentence(command.description())}`),
    ...help
      .visibleOptions(command)
      .flatMap((option) => ['.TP', `.B ${roff(option.flags)}`, roff(help.optionDescription(option))]),
  ];
}

/** A clause as a sentence. */
function sentence(/** @type {string} */ text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

/** The page of a command line. */
export function manPage(/** @type {import('commander').Command} */ cli) {
  const [main, ...commands] = commandsOf(cli, cli.name());
  if (main === undefined) throw new Error('a command line has a command');
  const lines = [
    '.\\" Made by scripts/make-man.mjs from the declarations of the command line.',
    `.TH ${cli.name().toUpperCase()} 1`,
    '.SH NAME',
    `${cli.name()} \\- what a seccomp profile costs`,
    '.SH SYNOPSIS',
    `.B ${cli.name()}`,
    roff('COMMAND [options]'),
    '.SH DESCRIPTION',
    roff(cli.description()),
    '.SH COMMANDS',
    ...commands.filter(({ command }) => command.commands.length === 0).flatMap(section),
    '.SH EXIT STATUS',
    ...[
      ['0', 'Success.'],
      ['1', 'The run failed, or a container did.'],
      ['2', 'A wrong command line, a wrong file, or a machine that lacks something.'],
      ['3', 'Slower than --fail-if-slower allows.'],
      ['4', 'Undecided or invalid, with --fail-if-slower or --strict.'],
      ['130', 'Stopped by the user.'],
    ].flatMap(([code, meaning]) => ['.TP', `.B ${code}`, roff(meaning ?? '')]),
  ];
  return `${lines.join('\n')}\n`;
}

async function main() {
  // Next to the packages that the bundle imports.
  const folder = mkdtempSync(join(ROOT, 'node_modules/.man-'));
  try {
    const outfile = join(folder, 'program.mjs');
    await build({
      entryPoints: [join(ROOT, 'src/cli/program.ts')],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      // Only the declarations are used: what a command loads when it runs stays out.
      plugins: [
        {
          name: 'declarations',
          setup: (setup) => {
            setup.onResolve({ filter: /^\./ }, ({ kind, path }) =>
              kind === 'dynamic-import' ? { path, external: true } : undefined,
            );
          },
        },
      ],
      logLevel: 'warning',
    });
    const { declareCli } = await import(pathToFileURL(outfile).href);
    mkdirSync(join(ROOT, 'man'), { recursive: true });
    writeFileSync(join(ROOT, 'man/bench.1'), manPage(declareCli()));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename) await main();
