import { describe, expect, it } from 'vitest';
import { declareProgram, parseProgram, withVariables } from '../../../../src/cli/options/program.js';
import type { RawProgram } from '../../../../src/cli/options/program.js';
import { makeScenario } from '../../../../src/scenario/index.js';
import { raw } from './raw.js';

const COMMAND = ['python3', '-c', 'pass'];
const parsed = (words: readonly string[], command: readonly string[] = COMMAND) =>
  parseProgram(command, raw<RawProgram>(declareProgram, words));

describe('a program of a command line', () => {
  it('has its defaults filled in', async () => {
    expect(await parsed(['--bind-host'])).toEqual({
      args: COMMAND,
      env: [],
      cwd: '/',
      bindHost: true,
      binds: [],
      via: 'run',
    });
  });

  it('keeps all that is given', async () => {
    const words = ['--env', 'A=b=c', '--cwd', '/tmp', '--bind', '/opt', '--bind', 'here:/there', '--via', 'exec'];
    expect(await parsed(['--bind-host', ...words])).toEqual({
      args: COMMAND,
      env: ['A=b=c'],
      cwd: '/tmp',
      bindHost: true,
      binds: [
        { source: '/opt', target: '/opt' },
        { source: 'here', target: '/there' },
      ],
      via: 'exec',
    });
  });

  it.each<[readonly string[], readonly string[], string]>([
    [[], [], '-- COMMAND: expected a program, got nothing'],
    [[], ['a\0b'], '-- COMMAND: expected text without a null character, got one'],
    [['--env', 'A=1', '--env', 'novalue'], COMMAND, '--env: expected NAME=VALUE, got "novalue"'],
    [['--cwd', 'here'], COMMAND, '--cwd: expected an absolute folder inside the container, got "here"'],
    [['--bind', 'relative'], COMMAND, '--bind: expected PATH or PATH:PLACE with an absolute place, got "relative"'],
    [
      ['--bind-host', '--rootfs', 'root'],
      COMMAND,
      "--rootfs: expected either a root folder or the host's own folders, got both",
    ],
  ])('with %j is refused', async (words, command, message) => {
    await expect(parsed(words, command)).rejects.toThrow(message);
  });

  it('runs in one of two ways', () => {
    expect(() => raw(declareProgram, ['--via', 'exc'])).toThrow(
      '"exc" is not a way to run a program; did you mean "exec"?',
    );
  });
});

describe("variables of a scenario's program", () => {
  const scenario = makeScenario({ kind: 'sequential', count: 3 });
  const program = { args: ['sh'], env: ['A=1', 'B=2'], cwd: '/', bindHost: false, binds: [], via: 'run' } as const;

  it('replace those of the same name, and end the comparison with a published case', () => {
    const changed = withVariables({ ...scenario, program, published: 'case' }, ['B=3', 'C=4']);
    expect(changed.program?.env).toEqual(['A=1', 'B=3', 'C=4']);
    expect(changed).not.toHaveProperty('published');
    expect(withVariables(scenario, [])).toBe(scenario);
  });

  it('are refused without a program, and without a value', () => {
    expect(() => withVariables(scenario, ['A=1'])).toThrow(
      '--env requires a scenario with a program; sequential-3 has none',
    );
    expect(() => withVariables({ ...scenario, program }, ['A'])).toThrow('--env: expected NAME=VALUE, got "A"');
  });
});
