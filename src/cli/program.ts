import { Command, CommanderError, Help } from 'commander';
import { BenchError, invalidValue, missing, unknownName } from '../errors.js';
import type { Io } from '../model/io.js';
import type { Act } from './act.js';
import { declareAb } from './commands/ab.js';
import { declareAdvise } from './commands/advise.js';
import { declareBuild } from './commands/build/index.js';
import { declareAttach } from './commands/attach/index.js';
import { declareCapacity } from './commands/capacity/index.js';
import { declareCiCommand } from './commands/ci/index.js';
import { declareClean } from './commands/clean.js';
import { declareCompare } from './commands/compare.js';
import { declareCompletion } from './commands/completion.js';
import { declareConvert } from './commands/convert.js';
import { declareDiff } from './commands/diff/index.js';
import { declareDoctor } from './commands/doctor.js';
import { declareExact } from './commands/exact/index.js';
import { declareExec } from './commands/exec.js';
import { declareFleet } from './commands/fleet.js';
import { declareHistory } from './commands/history/index.js';
import { declareInspect } from './commands/inspect/index.js';
import { declareParallel } from './commands/parallel.js';
import { declarePercall } from './commands/percall/index.js';
import { declarePlan } from './commands/plan/index.js';
import { declarePrice } from './commands/price/index.js';
import { declareReproduce } from './commands/reproduce.js';
import { declareResume } from './commands/resume.js';
import { declareRun } from './commands/run/index.js';
import { declareSequential } from './commands/sequential.js';
import { declareSyscalls } from './commands/syscalls/index.js';
import { declareVerify } from './commands/verify/index.js';
import { declareWorkload } from './commands/workload.js';
import { declareReport } from './commands/report.js';
import { finish, GROUPS, option } from './options/option.js';

/** Declares every command; `act` runs one's work. Without `act` only the declarations matter, as for a man page. */
export function declareCli(act: Act = () => Promise.resolve()): Command {
  const cli = new Command('bench')
    .description(
      'Measures what a seccomp profile, or a change to it, costs: when a container starts, and per system call.',
    )
    .usage('COMMAND [options]')
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .configureHelp(HELP);
  cli.commandsGroup('Container starts:');
  for (const declare of [
    declareSequential,
    declareParallel,
    declareExec,
    declareRun,
    declareAb,
    declareReproduce,
    declarePlan,
    declareResume,
  ])
    declare(cli, act);
  declareFleet(cli, act);
  cli.commandsGroup('System calls and running programs:');
  for (const declare of [declareWorkload, declarePercall, declarePrice, declareSyscalls]) declare(cli, act);
  cli.commandsGroup('Profiles and filters:');
  for (const declare of [
    declareAdvise,
    declareInspect,
    declareDiff,
    declareVerify,
    declareExact,
    declareAttach,
    declareCapacity,
    declareConvert,
    declareBuild,
  ])
    declare(cli, act);
  cli.commandsGroup('Results:');
  declareCiCommand(cli, act);
  declareReport(cli, act);
  declareCompare(cli, act);
  declareHistory(cli, act);
  cli.commandsGroup('This machine:');
  declareDoctor(cli, act);
  declareClean(cli, act);
  declareCompletion(cli, act);
  cli.addOption(option('-V, --version', 'print the version', 'common'));
  return finish(cli, [
    'bench sequential --count 500   before and after, container by container',
    'bench run quick                a scenario of about half a minute',
  ]);
}

/** Options in the order of their headings, commands by name and arguments alone, wrapped in a narrow terminal, too. */
const HELP: Partial<Help> = {
  minWidthToWrap: 20,
  subcommandTerm: (command) =>
    [command.name(), ...command.registeredArguments.map((one) => new Help().argumentTerm(one))].join(' '),
  groupItems: (unsorted, visible, getGroup) => {
    const groups = new Help().groupItems(unsorted, visible, getGroup);
    const known = Object.values(GROUPS).flatMap((heading) => {
      const items = groups.get(heading);
      return items === undefined ? [] : [[heading, items] as const];
    });
    return new Map([...known, ...groups]);
  },
};

/** Parses `argv` (without node and script), runs the command and gives its exit code. */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  refuseNul(argv);
  let exitCode = 0;
  const cli = declareCli(async (work) => {
    exitCode = await work(io);
  });
  cli.on('option:version', () => {
    throw new CommanderError(0, VERSION, '');
  });
  for (const command of commandsOf(cli))
    command.exitOverride().configureOutput({ writeOut: io.out, writeErr: () => undefined, ...widths(io) });
  try {
    await cli.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === VERSION) return printVersion(io);
    if (error.exitCode === 0) return 0;
    throw usageError(error, cli, argv);
  }
  return exitCode;
}

/** No program can be given such an argument, and no file can have such a name: a caller of the library made it. */
function refuseNul(argv: readonly string[]): void {
  const at = argv.findIndex((word) => word.includes('\0'));
  if (at < 0) return;
  throw invalidValue(`argument ${at + 1}`, 'text without a NUL character', JSON.stringify(argv[at]));
}

const VERSION = 'bench.version';

async function printVersion(io: Io): Promise<number> {
  const { packageVersion } = await import('../package.js');
  io.out(`${packageVersion()}\n`);
  return 0;
}

/** Help is as wide as the terminal; elsewhere, 80 columns. */
const PAGE_COLUMNS = 80;
const widths = (io: Io): { readonly getOutHelpWidth: () => number; readonly getOutHasColors: () => boolean } => ({
  getOutHelpWidth: () => Math.min(io.outColumns ?? PAGE_COLUMNS, PAGE_COLUMNS),
  getOutHasColors: () => io.colour,
});

/** A command and all below it. */
const commandsOf = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(commandsOf)];

function usageError(error: CommanderError, cli: Command, argv: readonly string[]): BenchError {
  const { command, rest } = commandIn(cli, argv);
  const path = pathOf(command);
  if (error.code === 'commander.help') return missing('a command', { help: command.helpInformation().trimEnd() });
  const given = rest.find((word) => !word.startsWith('-'));
  if (error.code === 'commander.unknownCommand' && given !== undefined)
    return unknownName(given, 'a command', namesIn(command), {
      hint: `${path} --help lists the commands.`,
    });
  const hint = `${path} --help lists the options.`;
  const [, subject = ''] = /'([^']*)'/.exec(error.message) ?? [];
  switch (error.code) {
    case 'commander.unknownOption':
      return new BenchError('usage', `unknown option ${subject}`, { hint: ELSEWHERE[`${path} ${subject}`] ?? hint });
    case 'commander.missingMandatoryOptionValue':
      return missing(flagOf(subject), { hint });
    case 'commander.missingArgument':
      return missing(`<${subject}>`, { hint });
    case 'commander.optionMissingArgument':
      return new BenchError('usage', `${flagOf(subject)} requires a value`, { hint });
    case 'commander.excessArguments':
      return new BenchError('usage', `unexpected argument "${excessOf(command)}"`, { hint });
    default:
      return new BenchError('usage', error.message.replace(/^error: /, '').replaceAll('\n', ' '), { hint });
  }
}

const OWN_ROOT = 'It starts a static program of its own; bench workload --via exec starts others, in a root of yours.';

/** What to use in place of an option that is looked for at the wrong command. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'bench exec --rootfs': OWN_ROOT,
  'bench exec --bind': OWN_ROOT,
  'bench exec --bind-host': OWN_ROOT,
};

/** `--detect` of `--detect <percent>`, `--report` of `-o, --report <dir>`. */
const flagOf = (flags: string): string => /--[\w-]+/.exec(flags)?.[0] ?? flags;

/** The first argument that the command does not take. */
const excessOf = (command: Command): string => command.args[command.registeredArguments.length] ?? '';

/** The command that `argv` names, as far as it does, and what follows. */
function commandIn(
  cli: Command,
  argv: readonly string[],
): { readonly command: Command; readonly rest: readonly string[] } {
  const [first, ...rest] = argv;
  const next = cli.commands.find((command) => command.name() === first);
  return next === undefined ? { command: cli, rest: argv } : commandIn(next, rest);
}

const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;

/** Names of the commands that help shows. */
const namesIn = (command: Command): readonly string[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((one) => one.name());
