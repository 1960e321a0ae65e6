import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import { BenchError } from '../../../src/errors.js';
import { AUDIT_ARCH, buildFilter, RETURN, Simulator } from '../../../src/filter/index.js';
import { encodeFilter } from '../../../src/filter/inspect/instructions.js';
import type { Io } from '../../../src/model/io.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-build-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const SPEC = {
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64'],
  flags: ['SECCOMP_FILTER_FLAG_LOG'],
  syscalls: [{ names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' }],
};
/** Kills other architectures, allows all else. */
const RAW = encodeFilter([
  { code: 0x20, k: 4, ifTrue: 0, ifFalse: 0 },
  { code: 0x15, k: AUDIT_ARCH.X86_64, ifTrue: 1, ifFalse: 0 },
  { code: 0x06, k: RETURN.KILL_PROCESS, ifTrue: 0, ifFalse: 0 },
  { code: 0x06, k: RETURN.ALLOW, ifTrue: 0, ifFalse: 0 },
]);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return name;
};
const bytesIn = (name: string): Buffer => readFileSync(join(folder, name));

interface Output {
  text: string;
  bytes: Buffer;
  err: string;
}

/** What `bench build ARGV` writes to a pipe, or to a terminal of 80 columns. */
async function build(argv: readonly string[], { terminal = false } = {}): Promise<Output> {
  const output: Output = { text: '', bytes: Buffer.alloc(0), err: '' };
  const io: Io = {
    out: (text) => {
      output.text += text;
    },
    outBytes: (bytes) => {
      output.bytes = Buffer.concat([output.bytes, bytes]);
    },
    err: (text) => {
      output.err += text;
    },
    stdin: () => Promise.resolve(RAW),
    columns: null,
    outColumns: terminal ? 80 : null,
    colour: false,
    env: {},
    cwd: folder,
    commandLine: argv,
    signal: new AbortController().signal,
  };
  await runProgram(['build', ...argv], io);
  return output;
}

async function refusalOf(argv: readonly string[], options = {}): Promise<string> {
  try {
    await build(argv, options);
  } catch (error) {
    if (error instanceof BenchError) return `${error.code}: ${error.message} | ${error.hint ?? ''}`;
    throw error;
  }
  return 'accepted';
}

describe('bench build', () => {
  it('writes the bytes that libseccomp builds, and says what they are and lack', async () => {
    const { text, bytes, err } = await build([put('p.json', JSON.stringify(SPEC)), '--arch', 'amd64', '-o', 'f.bpf']);
    const { program, instructions, sha256: hash } = buildFilter(SPEC, 'x86_64');
    expect([text, bytes.length, bytesIn('f.bpf').equals(program)]).toEqual(['', 0, true]);
    expect(err).toMatch(
      new RegExp(`^built from p\\.json, .*, for x86_64 \\(libseccomp [\\d.]+, plain\\): ${instructions} instructions`),
    );
    expect(err).toContain(`SHA-256 ${hash}`);
    expect(err).toContain('left out: SECCOMP_FILTER_FLAG_LOG: it is not part of a filter');
  });

  it('writes to a pipe, but no bytes to a terminal', async () => {
    put('p.json', JSON.stringify(SPEC));
    const { bytes } = await build(['p.json', '--arch', 'x86_64', '-q', '-o', '-']);
    expect(bytes.equals(buildFilter(SPEC, 'x86_64').program)).toBe(true);
    expect(await refusalOf(['p.json'], { terminal: true })).toBe(
      `usage: a filter is binary, and standard output is a terminal | \
Use -o FILE, --base64, or send it to a pipe or a file.`,
    );
    const { text, err } = await build(['p.json', '--arch', 'x86_64', '--base64', '-q'], { terminal: true });
    expect([text, err]).toEqual([`${buildFilter(SPEC, 'x86_64').program.toString('base64')}\n`, '']);
  });

  it('builds the layout and for the machine that are asked for', async () => {
    put('p.json', JSON.stringify({ ...SPEC, architectures: [] }));
    const { bytes } = await build(['p.json', '--arch', 's390x', '--form', 'tree']);
    const built = buildFilter({ ...SPEC, architectures: [] }, 's390x', { form: 'tree' });
    expect(bytes.equals(built.program)).toBe(true);
    expect(new Simulator(bytes, 'big-endian').length).toBe(built.instructions);
  });

  it('checks and copies a filter that is built already, in bytes and in base64', async () => {
    put('mine.bpf', RAW);
    put('mine.b64', `${RAW.toString('base64')}\n`);
    for (const name of ['mine.bpf', 'mine.b64', '-']) {
      const { bytes, err } = await build([name]);
      expect([bytes.equals(RAW), err]).toEqual([true, expect.stringContaining(`SHA-256 ${sha256(RAW)}`)]);
      expect(err).toMatch(/^checked .*: 4 instructions, x86_64/);
    }
    put('bad.bpf', Buffer.concat([RAW, RAW.subarray(0, 8)]));
    expect(await refusalOf(['bad.bpf'])).toMatch(/^input: bad\.bpf: BPF instruction 5: expected an instruction/);
    expect(await refusalOf(['mine.bpf', '--form', 'tree'])).toMatch(
      /^usage: --form cannot be combined with a raw BPF filter/,
    );
  });

  it('replaces a filter, and nothing else', async () => {
    put('mine.bpf', RAW);
    put('p.json', JSON.stringify(SPEC));
    await build(['p.json', '--arch', 'x86_64', '-o', 'mine.bpf']);
    expect(bytesIn('mine.bpf').equals(buildFilter(SPEC, 'x86_64').program)).toBe(true);
    await build(['p.json', '--arch', 'x86_64', '--base64', '-o', 'f.b64']);
    await build(['p.json', '--arch', 'x86_64', '-o', 'f.b64']);
    const profile = bytesIn('p.json');
    expect(await refusalOf(['p.json', '-o', 'p.json'])).toBe(
      'usage: --output: p.json is an input of this command | It was left as it is. Choose another file.',
    );
    put('notes.txt', 'eight by');
    expect(await refusalOf(['p.json', '-o', 'notes.txt'])).toMatch(/^usage: notes\.txt exists/);
    expect([bytesIn('p.json').equals(profile), bytesIn('notes.txt').toString()]).toEqual([true, 'eight by']);
    expect(await refusalOf(['p.json', '-o', 'no/such/folder'])).toMatch(
      /^input: --output: folder .*no\/such does not exist/,
    );
  });

  it('prints one JSON object with the filter in it', async () => {
    put('mine.bpf', RAW);
    const { text } = await build(['mine.bpf', '--json', '-o', 'copy.bpf']);
    expect(JSON.parse(text)).toMatchObject({
      kind: 'build',
      source: 'mine.bpf',
      form: 'bpf',
      layout: null,
      libseccomp: null,
      instructions: 4,
      bytes: 32,
      sha256: sha256(RAW),
      order: 'little-endian',
      architectures: { checked: true, known: ['x86_64'], others: ['KILL_PROCESS'] },
      output: 'copy.bpf',
      base64: RAW.toString('base64'),
    });
    expect(bytesIn('copy.bpf').equals(RAW)).toBe(true);
    expect(await refusalOf(['mine.bpf', '--json', '--base64'])).toMatch(/^usage: --json cannot be combined/);
  });
});
