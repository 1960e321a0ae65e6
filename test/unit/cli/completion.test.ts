import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completionScript, SHELLS } from '../../../src/cli/output/completion/index.js';
import type { Shell } from '../../../src/cli/output/completion/index.js';
import { declareCli } from '../../../src/cli/program.js';

const cli = declareCli();
const scriptFor = (shell: Shell): string => completionScript(cli, shell, ['quick', 'python-max-sqrt']);
const isMissing = (shell: Shell): boolean => spawnSync(shell, ['-c', 'exit 0']).status !== 0;

/** A folder as a user has it: results of two runs, a scenario, a profile with a space in its name. */
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-completion-'));
  for (const name of ['results/monday', 'results/tuesday', 'other']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['mine.json', 'my profile.json', 'notes.txt']) writeFileSync(join(folder, name), '{}');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');
const run = (shell: Shell, script: string): readonly string[] =>
  lines(
    execFileSync(shell, shell === 'bash' ? ['-c', script] : [...QUIET[shell], '-c', script], {
      cwd: folder,
      encoding: 'utf8',
    }),
  );
const QUIET = { zsh: ['-f'], fish: ['--no-config'] } as const;

/** What each shell offers for the last word of a line. */
const OFFERED = {
  bash: (line: string): readonly string[] => {
    // As bash itself splits a line: an equals sign is a word.
    const words = line.split(/ |(?<==)|(?==)/);
    const list = words.map((word) => `'${word}'`).join(' ');
    return run(
      'bash',
      `compopt() { :; }\n${scriptFor('bash')}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _bench
      printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
  },
  fish: (line: string): readonly string[] =>
    run('fish', `${scriptFor('fish')}\ncomplete -C '${line}'`).map((found) =>
      (found.split('\t')[0] ?? '').replace(/\/$/, ''),
    ),
} as const;

describe.each(['bash', 'fish'] as const)('completion in %s', (shell) => {
  const offered = OFFERED[shell];

  it.skipIf(isMissing(shell))('knows commands, those below others, and options', () => {
    expect(offered('bench seq')).toEqual(['sequential']);
    expect([...offered('bench syscalls ')].sort()).toEqual(['count', 'diff']);
    expect(offered('bench sequential --fail')).toEqual(['--fail-if-slower']);
    expect(offered('bench history check --re')).toEqual(['--recent']);
    expect(offered('bench history show --re')).not.toContain('--recent');
  });

  it.skipIf(isMissing(shell))('knows the values of options and arguments', () => {
    expect([...offered('bench sequential --engine c')].sort()).toEqual(['containerd', 'cri', 'crun']);
    expect([...offered('bench sequential --engine=c')].map((word) => word.replace('--engine=', '')).sort()).toEqual([
      'containerd',
      'cri',
      'crun',
    ]);
    expect(offered('bench completion z')).toEqual(['zsh']);
    expect(offered('bench build --form t')).toEqual(['tree']);
    expect(offered('bench inspect podm')).toEqual(['podman']);
  });

  it.skipIf(isMissing(shell))('offers scenarios of the package and of the folder, and no other file', () => {
    expect(offered('bench run q')).toEqual(['quick']);
    expect(offered('bench run m')).toEqual(expect.arrayContaining(['mine.json']));
    expect(offered('bench run n')).not.toContain('notes.txt');
    expect(offered('bench plan seq')).toEqual(['sequential']);
    expect(offered('bench run seq')).toEqual([]);
  });

  it.skipIf(isMissing(shell))('offers results folders', () => {
    expect(offered('bench report ')).toEqual(['results/monday', 'results/tuesday']);
    expect(offered('bench compare results/monday results/t')).toEqual(['results/tuesday']);
    expect(offered('bench resume oth')).toContain('other');
  });

  it.skipIf(isMissing(shell))('offers files where a file is wanted, and folders where a folder is', () => {
    expect(offered('bench convert n')).toEqual(['notes.txt']);
    expect(offered('bench sequential --report oth')).toEqual(['other']);
    expect(offered('bench sequential --report n')).toEqual([]);
    expect(offered('bench sequential --blocks ')).toEqual([]);
  });
});

describe('completion in bash', () => {
  it('keeps a name with a space in one piece', () => {
    expect(OFFERED.bash('bench verify my')).toEqual(['my profile.json']);
  });

  it('offers programs after two dashes', () => {
    expect(OFFERED.bash('bench workload -- ba')).toContain('bash');
  });
});

describe.each(SHELLS)('the script for %s', (shell) => {
  it.skipIf(isMissing(shell))('is read without complaint', () => {
    const file = join(folder, 'results/script');
    writeFileSync(file, scriptFor(shell));
    const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  it('names every command and option that help shows, and no other', () => {
    const text = scriptFor(shell);
    const flags = {
      bash: (long: string) => long,
      zsh: (long: string) => `${long}[`,
      fish: (long: string) => `-l ${long.slice(2)} `,
    };
    for (const command of cli.commands.filter((one) => cli.createHelp().visibleCommands(cli).includes(one))) {
      expect(text).toContain(command.name());
      for (const { long, hidden } of command.options) if (!hidden) expect(text).toContain(flags[shell](long ?? ''));
    }
    expect(text).not.toContain('fleet-node');
  });
});
