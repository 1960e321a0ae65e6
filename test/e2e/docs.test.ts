import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { isRoot, needs, ROOT } from './bench.js';

/** A fenced block of commands in a document. */
interface Block {
  readonly document: string;
  readonly line: number;
  readonly commands: string;
  /** What the comment before it asks for: `skip, REASON`, `needs PROGRAM...`, `exit CODE` or `exit CODE or CODE`. */
  readonly directive: string | undefined;
}

const documents: readonly string[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'],
  { cwd: ROOT, encoding: 'utf8' },
)
  .split('\n')
  .filter((path) => path !== '' && !path.startsWith('test/') && existsSync(join(ROOT, path)));

function blocksIn(document: string): readonly Block[] {
  const text = readFileSync(join(ROOT, document), 'utf8');
  return [...text.matchAll(/(?:<!-- docs-test: ([^\n]*?) -->\n)?^```sh\n([\s\S]*?)^```$/gm)].map((match) => ({
    document,
    line: text.slice(0, match.index).split('\n').length + (match[1] === undefined ? 0 : 1),
    commands: match[2] ?? '',
    directive: match[1],
  }));
}

/** Programs that an engine or an option takes for granted. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  runc: ['runc'],
  crun: ['crun'],
  lxc: ['lxc-start'],
  containerd: ['containerd', 'ctr'],
  isulad: ['isula'],
  namespaces: [],
};

/** Engines that need a daemon, which this test does not start. */
const DAEMONS = ['docker', 'podman', 'containerd', 'isulad'];

function requireMachine(context: TestContext, { commands, directive }: Block): void {
  const skip = /^skip, (.*)$/.exec(directive ?? '')?.[1];
  if (skip !== undefined) context.skip(skip);
  needs(context, ...(/^needs (.*)$/.exec(directive ?? '')?.[1]?.split(' ') ?? []));
  for (const [, name = ''] of commands.matchAll(/(?:runtime=|--runtime |--engine )([a-z]+)/g)) {
    if (DAEMONS.includes(name)) context.skip(`${name} needs a daemon`);
    if (name === 'lxc' && !isRoot()) context.skip('lxc needs root');
    needs(context, ...(PROGRAMS[name] ?? [name]));
  }
  if (/syscalls count|--count-syscalls|--observe/.test(commands)) needs(context, 'strace');
}

/** Fills a folder with the files that the documents speak of. */
function furnish(folder: string): void {
  const profile = readFileSync(join(ROOT, 'profiles/system-service.json'), 'utf8');
  const names = [
    'my-profile.json',
    'base.json',
    'old.json',
    'strict.json',
    'loose.json',
    'profiles/system-service.json',
  ];
  mkdirSync(join(folder, 'profiles'));
  for (const name of names) writeFileSync(join(folder, name), profile);
  // One call fewer, as a change under review would have it.
  for (const name of ['changed.json', 'new.json']) writeFileSync(join(folder, name), profile.replace('"add_key",', ''));
  const [overlapping = '', masked = ''] = jsonIn('docs/filters.md');
  writeFileSync(join(folder, 'prlimit.json'), overlapping);
  writeFileSync(join(folder, 'mask.json'), masked);
  execFileSync(process.execPath, [join(ROOT, 'dist/cli.js'), 'build', '--quiet', '-o', join(folder, 'filter.bpf')]);
  const [mine = ''] = scenariosIn('docs/scenarios.md');
  writeFileSync(join(folder, 'mine.json'), mine.replace('"blocks": 200', '"blocks": 3'));
  for (const name of ['docker-run-default.txt', 'docker-run-unconfined.txt'])
    cpSync(join(ROOT, 'test/fixtures/strace', name), join(folder, name));
  cpSync(join(folder, 'docker-run-default.txt'), join(folder, 'counts.txt'));
  for (const name of ['example-x86_64-runc', 'A', 'B'])
    cpSync(join(ROOT, 'results/example-x86_64-runc'), join(folder, 'results', name), { recursive: true });
}

const furnished = mkdtempSync(join(tmpdir(), 'bench-docs-'));
beforeAll(() => {
  furnish(furnished);
});
afterAll(() => {
  rmSync(furnished, { recursive: true, force: true });
});

/** A folder of its own for a block, with those files. */
class Desk implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'bench-docs-'));

  constructor() {
    cpSync(furnished, this.folder, { recursive: true });
  }

  /** Runs the block to its end; both outputs as one text. */
  run(commands: string): Promise<{ readonly status: number | null; readonly output: string }> {
    const env = { ...process.env, PATH: `${join(ROOT, 'test/fixtures/docs/bin')}:${process.env['PATH'] ?? ''}` };
    const child = spawn('bash', ['-c', `set -euo pipefail\n${commands}`], {
      cwd: this.folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    return new Promise((done, fail) => {
      child.on('error', fail);
      child.on('close', (status) => {
        done({ status, output });
      });
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function jsonIn(document: string): readonly string[] {
  const text = readFileSync(join(ROOT, document), 'utf8');
  return [...text.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
}

/** The JSON blocks of a document that are scenarios. */
const scenariosIn = (document: string): readonly string[] => jsonIn(document).filter((json) => json.includes('"kind"'));

const blocks = documents.flatMap(blocksIn);

/** The exit codes that a block may end with; more than one where it depends on the machine's libseccomp. */
function codesOf({ directive = '' }: Block): readonly number[] {
  return /^exit \d/.test(directive) ? [...directive.matchAll(/\d+/g)].map(([code]) => Number(code)) : [0];
}

describe('the commands in the documents', () => {
  it('are found', () => {
    expect(blocks.filter(({ document }) => document === 'README.md').length).toBeGreaterThan(5);
  });

  it('are marked in a known way where they cannot simply be run', () => {
    const known = /^(?:skip, |needs |exit )\S/;
    const wrong = blocks.filter(({ directive }) => directive !== undefined && !known.test(directive));
    expect(wrong).toEqual([]);
  });

  for (const block of blocks) {
    it(`${block.document}:${block.line}: ${block.commands.split('\n')[0] ?? ''}`, async (context) => {
      requireMachine(context, block);
      using desk = new Desk();
      const { status, output } = await desk.run(block.commands);
      expect(codesOf(block), output).toContain(status);
    });
  }
});
