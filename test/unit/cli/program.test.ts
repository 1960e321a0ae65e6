import { execFileSync } from 'node:child_process';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { declareCli, runProgram } from '../../../src/cli/program.js';
import { BenchError } from '../../../src/errors.js';
import type { Io } from '../../../src/model/io.js';

/** What `bench ARGV` prints on standard output, or the error that ends it. */
const bench = (...argv: readonly string[]): Promise<string> => benchAt(80, ...argv);

/** The same in a terminal of that many columns. */
async function benchAt(columns: number, ...argv: readonly string[]): Promise<string> {
  let text = '';
  const io: Io = {
    out: (more) => {
      text += more;
    },
    err: () => undefined,
    stdin: () => Promise.resolve(Buffer.alloc(0)),
    columns: null,
    outColumns: columns,
    colour: false,
    env: {},
    cwd: '/',
    commandLine: argv,
    signal: new AbortController().signal,
  };
  try {
    await runProgram(argv, io);
    return text;
  } catch (error) {
    if (error instanceof BenchError) return `${error.code}: ${error.message} | ${error.hint ?? ''}`;
    throw error;
  }
}

const below = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(below)];
const pathOf = (command: Command): readonly string[] =>
  command.parent === null ? [] : [...pathOf(command.parent), command.name()];
const isShown = (command: Command): boolean =>
  command.parent === null || command.parent.createHelp().visibleCommands(command.parent).includes(command);
const commands = below(declareCli()).filter(isShown);
const leaves = commands.filter(({ commands: more }) => more.length === 0);

describe('help', () => {
  it.each(commands.map((command) => [pathOf(command).join(' '), command] as const))(
    'of "bench %s" has two examples and no false defaults',
    async (path) => {
      const text = await bench(...path.split(' ').filter(Boolean), '--help');
      expect(text).not.toContain('(default: false)');
      const examples = text.split('\nExamples:\n')[1]?.trim().split('\n') ?? [];
      expect(examples).toHaveLength(2);
      expect(text.split('\n').find((line) => line.endsWith('ptions:'))).toBe('Common options:');
    },
  );

  it('begins with the options that most people need', async () => {
    const headings = (await bench('sequential', '--help')).match(/^[A-Z].*:$/gm);
    expect(headings).toEqual([
      'Common options:',
      'Arms and profiles:',
      'Engine:',
      'Run:',
      'Verdict and gate:',
      'System calls:',
      'Results, reports and exports:',
      'Examples:',
    ]);
  });

  it.each([60, 80])('fits %i columns', async (columns) => {
    for (const command of commands) {
      const text = await benchAt(columns, ...pathOf(command), '--help');
      const [options = '', examples = ''] = text.split('\nExamples:\n');
      // A word such as a list of calls is not split.
      const wide = options.split('\n').filter((line) => line.length > columns && !/\S{24}/.test(line));
      expect(wide).toEqual([]);
      expect(examples.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
  });

  it('is printed by a command that only has commands', async () => {
    expect(await bench('syscalls')).toContain('Usage: bench syscalls');
  });
});

describe('the examples in the help', () => {
  const examples = leaves.flatMap((command) =>
    command
      .helpInformation()
      .concat(helpAfter(command))
      .split('Examples:\n')
      .slice(1)
      .flatMap((text) => text.trim().split('\n'))
      .map((line) => [line.trim()] as const),
  );

  it.each(examples.filter(([line]) => line.startsWith('bench ')))('can be parsed: %s', async (line) => {
    const words = shellWords(line).slice(1);
    const cli = declareCli();
    for (const command of below(cli)) command.exitOverride().configureOutput({ writeErr: () => undefined });
    await expect(cli.parseAsync(words, { from: 'user' })).resolves.toBeDefined();
  });
});

/** What addHelpText put below the options. */
function helpAfter(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (more) => {
      text += more;
    },
  });
  command.outputHelp();
  return text;
}

const shellWords = (line: string): readonly string[] =>
  execFileSync('/bin/sh', ['-c', `printf '%s\\n' ${line.replace(/ [<>|] ?.*$/, '')}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');

describe('every command', () => {
  it.each(leaves.map((command) => [pathOf(command).join(' '), command] as const))(
    'prints JSON on request: %s',
    (path, command) => {
      const flags = command.options.map(({ long }) => long);
      expect(flags.includes('--json')).toBe(path !== 'completion');
    },
  );
});

describe('a command line that is wrong', () => {
  it.each([
    [
      ['sequentail'],
      'usage: "sequentail" is not a command; did you mean "sequential"? | bench --help lists the commands.',
    ],
    [
      ['syscalls', 'dif'],
      'usage: "dif" is not a command; did you mean "diff"? | bench syscalls --help lists the commands.',
    ],
    [['report', 'a\0b'], 'usage: argument 2: expected text without a NUL character, got "a\\u0000b"'],
    [['run', 'quick', '--cuont', '3'], 'usage: unknown option --cuont | bench run --help lists the options.'],
    [
      ['exec', '--rootfs', 'root'],
      'usage: unknown option --rootfs | It starts a static program of its own; bench workload --via exec starts ' +
        'others, in a root of yours.',
    ],
    [['compare', 'a'], 'usage: <candidate> is required | bench compare --help lists the options.'],
    [['plan', 'quick'], 'usage: --detect is required | bench plan --help lists the options.'],
    [['run', 'quick', '--margin'], 'usage: --margin requires a value | bench run --help lists the options.'],
    [['run', 'quick', 'slow'], 'usage: unexpected argument "slow" | bench run --help lists the options.'],
    [['sequential', '--engine', 'docke'], 'usage: "docke" is not an engine; did you mean "docker"? | Known: '],
  ])('%j is refused', async (argv, message) => {
    expect(await bench(...argv)).toContain(message);
  });

  it('without a command shows the help', async () => {
    expect(await bench()).toContain('usage: a command is required');
  });
});

describe('the version', () => {
  it('is that of the package, by either name', async () => {
    const version = await bench('-V');
    expect(version).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?\n$/);
    expect(await bench('--version')).toBe(version);
  });
});
