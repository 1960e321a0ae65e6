import { Option } from 'commander';
import type { Command } from 'commander';
import { findingOptions } from './findings.js';
import { exportOptions } from './report.js';
import type { Call } from '../program.js';
import { ENGINE_CHOICES } from '../../model/container/container.js';
import { DIALECTS } from '../../model/profile/seccomp.js';
import { COUNTER_CHOICES } from '../../model/results/syscalls.js';

/** Declares `sequential`, `parallel`, `run`, `ab`, `reproduce` and `plan`. */
export function declareMeasuring(program: Command, call: Call): void {
  const sequential = program
    .command('sequential')
    .description('create containers one after the other, every arm once per block, in shuffled order')
    .option(
      '--count <n>',
      'measured containers per arm = blocks (default: 500; with --until or --budget the most they allow)',
    );
  shapeOptions(sequential);
  runOptions(sequential).action((options: import('../commands/sequential.js').SequentialOptions) =>
    call(() => import('../commands/sequential.js'), options),
  );

  const parallel = program
    .command('parallel')
    .description('create containers in batches, all at once or --concurrency at a time')
    .option('--count <n>', 'containers in a batch', '200')
    .option(
      '--concurrency <c>',
      'containers in flight (default: the whole batch); 1,2,4,8 measures each of them, in turn',
    )
    .option('--rounds <r>', 'batches per arm (default: 20; with --until or --budget the most they allow)');
  shapeOptions(parallel);
  runOptions(parallel).action((options: import('../commands/parallel.js').ParallelOptions) =>
    call(() => import('../commands/parallel.js'), options),
  );

  const run = program
    .command('run')
    .description(
      'run a scenario file: of this folder, or one of the package (quick, isulad-x86_64-sequential-500, ...)',
    )
    .argument('<scenario>', 'name or path')
    .option('--env <name=value>', 'set a variable of the program that a scenario runs; may be repeated', collect);
  runOptions(findingOptions(run)).action(
    (scenario: string, options: Omit<import('../commands/run.js').RunOptions, 'scenario'>) =>
      call(() => import('../commands/run.js'), { ...options, scenario }),
  );

  const ab = program
    .command('ab')
    .description('two runtimes, two profiles or two whole commands, interleaved in one run')
    .argument('[commands...]', 'COMMAND A --- COMMAND B, after a --')
    .option('--a <treatment>', 'runtime=PATH or profile=FILE[:POLICY]')
    .option('--b <treatment>', 'the same kind, other value')
    .option(
      '--count <n>',
      'measured containers per arm = blocks (default: 500; with --until or --budget the most they allow)',
    );
  commonShape(ab);
  runOptions(ab).action(
    (commands: readonly string[], options: Omit<import('../commands/ab.js').AbOptions, 'commands'>) =>
      call(() => import('../commands/ab.js'), { ...options, commands }),
  );

  const reproduce = program
    .command('reproduce')
    .description('run the published cases this host can run, and hold each figure against the measurement')
    .argument('<document>', 'isulad-2021')
    .option('--count <n>', 'blocks of the sequential case (default: as published)')
    .option('--rounds <r>', 'batches per arm of the parallel case');
  runOptions(reproduce).action(
    (document: string, options: Omit<import('../commands/reproduce.js').ReproduceOptions, 'document'>) =>
      call(() => import('../commands/reproduce.js'), { ...options, document }),
  );

  const plan = program
    .command('plan')
    .description('a pilot of some blocks, then: how many are needed to see an effect, and how long that takes')
    .argument('<scenario>', 'sequential, parallel, or the name or path of a scenario')
    .requiredOption('--detect <percent>', 'the smallest effect that matters to you, for example 0.58%')
    .option('--pilot <n>', 'blocks or batches of the pilot', '40');
  runOptions(plan).action((scenario: string, options: Omit<import('../commands/plan.js').PlanOptions, 'scenario'>) =>
    call(() => import('../commands/plan.js'), { ...options, scenario }),
  );
}

/** What makes up a scenario of arms. */
export function shapeOptions(command: Command): void {
  armOptions(command);
  commonShape(command);
}

/** Which arms there are. */
export function armOptions(command: Command): Command {
  return command
    .option('--arms <list>', 'before,after,default,native,unconfined; the control is added', 'before,after')
    .option('--arm <name=profile:policy>', 'one more arm; may be repeated', collect);
}

/** Where specs come from. */
export function profileOptions(command: Command): Command {
  return command
    .option('--profile <file>', 'Docker-format profile (default: the built-in one)')
    .addOption(new Option('--dialect <dialect>', 'whose conversion rules').choices(DIALECTS).default('moby'));
}

/** What makes up any scenario. */
export function commonShape(command: Command): void {
  profileOptions(command)
    .option('--warmup <n>', 'blocks run and marked, but not measured')
    .option('--pause <ms>', 'wait between containers, against carry-over of teardown', '0');
}

/** How to run it. */
export function runOptions(command: Command): Command {
  command
    .addOption(new Option('--engine <engine>', 'what creates the containers').choices(ENGINE_CHOICES).default('auto'))
    .option(
      '--runtime <path>',
      'the OCI runtime (or lxc-start) to use; with docker and containerd the name of one it is configured with',
    )
    .option(
      '--host <address>',
      'docker, podman: unix:///path, tcp://host:port or ssh://user@host (default: DOCKER_HOST or the Docker context)',
    )
    .option(
      '--image <name>',
      'docker, podman: an image that is there and holds the payload (default: one is loaded and removed)',
    )
    .option('--stages', 'tell the stages of each start apart: create, start, remove and so on, one command each', false)
    .option('--seed <n>', 'for the order of arms (default: a new one, printed)')
    .option('--pin [cpu]', 'keep bench and containers on one core')
    .option('--until <rule>', 'end earlier: ±PERCENT, once the CPU interval is that narrow, or decided')
    .option('--budget <time>', 'end after so much measuring: 90s, 10m, 1h')
    .option('--timeout <seconds>', 'after which a container counts as hung', '60')
    .option('--max-failures <n>', 'end the run once more containers than that have failed (default: go on)')
    .option('--margin <percent>', 'differences below it count as none', '1%')
    .option('--fail-if-slower <percent>', "exit with 3 where an arm's whole CPU interval is slower than that")
    .option('--strict', 'exit with 4 where CPU time is not decided', false)
    .option('--count-syscalls', 'count the system calls of every arm, in runs of their own', false);
  return exportOptions(countingOptions(outcomeOptions(conversionOptions(command))));
}

/** How profiles are read and converted. */
export function conversionOptions(command: Command): Command {
  return command
    .option('--caps <caps>', 'docker | none | all | CAP_A,CAP_B', 'docker')
    .option('--kernel <version>', "kernel release for minKernel (default: this machine's)")
    .option('--lenient', 'accept in profiles exactly what moby accepts', false);
}

/** Where results and reports go. */
export function outcomeOptions(command: Command): Command {
  return command
    .option('--results <dir>', 'where results folders are made', 'results')
    .option('--reports <dir>', 'where reports are made', 'reports')
    .option('--no-report', 'measure only');
}

/** How system calls are counted. */
export function countingOptions(command: Command): Command {
  return command
    .option('--count-repeats <n>', 'counting runs per arm (default: 3; of a program that takes long, 1)')
    .addOption(new Option('--count-with <counter>', 'what counts (default: auto)').choices(COUNTER_CHOICES));
}

/** Every value of an option that may be repeated. */
export const collect = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];
