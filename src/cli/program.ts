import { Command, CommanderError, Option } from 'commander';
import { BenchError } from '../errors.js';
import type { Io } from '../model/io.js';
import { DIALECTS, POLICIES } from '../model/profile/seccomp.js';
import type { Act } from './act.js';
import { declareClean } from './commands/clean.js';
import { declareDoctor } from './commands/doctor.js';
import { declareFleet } from './commands/fleet.js';
import { declareAdvise } from './declare/advise.js';
import { declareCompare } from './declare/compare.js';
import { declareInspect } from './declare/inspect.js';
import { declareMeasuring } from './declare/measure.js';
import { declarePercall } from './declare/percall.js';
import { declareReport } from './declare/report.js';
import { declareWorkload } from './declare/workload.js';
import { declareSyscalls } from './declare/syscalls.js';

/** A command's work: typed options in, exit code out. Loaded only when it is called, so that `--help` stays quick. */
type Load<Options> = () => Promise<{ run: (options: Options, io: Io) => Promise<number> }>;

/** Parses `argv` (without node and script), runs the command and gives its exit code. */
export async function runProgram(argv: readonly string[], version: string, io: Io): Promise<number> {
  let exitCode = 0;
  const call = async <Options>(load: Load<Options>, options: Options): Promise<void> => {
    exitCode = await (await load()).run(options, io);
  };
  const act: Act = async (work) => {
    exitCode = await work(io);
  };
  const program = new Command('bench')
    .description(
      'Says with evidence what a seccomp profile, or a change to it, costs: when a container starts, and per system call.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: () => undefined });
  program.commandsGroup('Container starts:');
  declareMeasuring(program, call);
  declareFleet(program, act);
  program.commandsGroup('System calls and running programs:');
  declareWorkload(program, call);
  declarePercall(program, call);
  declareSyscalls(program, call);
  program.commandsGroup('Profiles and filters:');
  declareAdvise(program, call);
  declareInspect(program, call);
  declareConvert(program, call);
  program.commandsGroup('Results:');
  declareReport(program, call);
  declareCompare(program, call);
  program.commandsGroup('This machine:');
  declareDoctor(program, act);
  declareClean(program, act);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    if (error.code === 'commander.help') {
      io.err(program.helpInformation());
      return 2;
    }
    throw new BenchError('usage', error.message.replace(/^error: /, ''), {
      hint: 'bench --help lists the commands, bench COMMAND --help their options.',
    });
  }
  return exitCode;
}

/** Runs a lazily loaded command. */
export type Call = <Options>(load: Load<Options>, options: Options) => Promise<void>;

function declareConvert(program: Command, call: Call): void {
  program
    .command('convert')
    .description('convert a Docker-format profile to the OCI linux.seccomp object, on stdout')
    .argument('[profile]', 'profile file; - reads standard input; absent: the built-in default')
    .option('--arch <arch>', "host architecture, Go or uname name (default: this machine's)")
    .addOption(new Option('--policy <policy>', 'architectures to copy').choices(POLICIES).default('host'))
    .addOption(new Option('--dialect <dialect>', 'whose conversion rules').choices(DIALECTS).default('moby'))
    .option('--caps <caps>', 'docker | none | all | CAP_A,CAP_B', 'docker')
    .option('--kernel <version>', "kernel release for minKernel (default: this machine's)")
    .option('--lenient', 'accept exactly what moby accepts', false)
    .option('--explain', 'say on stderr what was dropped and why', false)
    .action((profile: string | undefined, options: Omit<import('./commands/convert.js').ConvertOptions, 'profile'>) =>
      call(() => import('./commands/convert.js'), { ...options, ...(profile === undefined ? {} : { profile }) }),
    );
}
