import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RuntimeLibraries } from '../../../src/engine/libraries.js';
import { Child } from '../../../src/process/child.js';
import { ReplacedFile } from '../../../src/process/mount-namespace.js';
import { copiedLibrary, ownLibrary } from '../filter/libraries.js';
import { nativePrograms } from '../payload/machine.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-libraries-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const refusal = async (runtime: string): Promise<string> => {
  using libraries = new RuntimeLibraries({ runtime, env: process.env });
  const error: unknown = await libraries
    .prepare({ name: 'new', libseccomp: ownLibrary() })
    .catch((one: unknown) => one);
  return error instanceof Error ? error.message.replaceAll(runtime, 'RUNTIME') : 'no error';
};

describe('another libseccomp for a runtime', () => {
  it('is refused for a static program, a script and a program without libseccomp', async (ctx) => {
    const script = join(folder, 'runtime.sh');
    writeFileSync(script, '#!/bin/sh\n', { mode: 0o755 });
    const cannot = 'arm new: RUNTIME cannot load another libseccomp:';
    expect(await refusal(nativePrograms(ctx).payload)).toBe(`${cannot} it is a static program`);
    expect(await refusal(script)).toBe(`${cannot} RUNTIME is a script`);
    expect(await refusal('/bin/sh')).toBe(`${cannot} it is not linked with libseccomp.so.2`);
  });

  it('is no change for arms that name none', async () => {
    using libraries = new RuntimeLibraries({ runtime: '/bin/sh', env: process.env });
    await libraries.prepare({ name: 'old' });
    expect(libraries.of('old')).toEqual({});
  });
});

describe('a file that is another one for some children', () => {
  it('is itself for this process and for other children, and the working directory stays', async (ctx) => {
    if (process.getuid?.() !== 0) ctx.skip('mounting needs root');
    const [file, other] = [join(folder, 'file'), join(folder, 'other')];
    writeFileSync(file, 'own');
    writeFileSync(other, 'replaced');
    const output = async (mounts?: ReplacedFile): Promise<string> => {
      const script = `cat ${file}; echo; pwd`;
      const command = { file: '/bin/sh', args: ['-c', script], env: [], ...(mounts === undefined ? {} : { mounts }) };
      await using child = new Child(command);
      await child.end(20_000);
      return child.output;
    };
    const cwd = process.cwd();
    {
      using replaced = new ReplacedFile(file, other);
      expect(await output(replaced)).toBe(`replaced\n${cwd}\n`);
      expect(await output()).toBe(`own\n${cwd}\n`);
      expect([readFileSync(file, 'utf8'), process.cwd()]).toEqual(['own', cwd]);
    }
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(file);
  });

  it('is told where it cannot be mounted', (ctx) => {
    if (process.getuid?.() !== 0) ctx.skip('mounting needs root');
    const copy = copiedLibrary(folder);
    expect(() => new ReplacedFile(join(folder, 'missing'), copy)).toThrow(
      `mounting ${copy} over ${join(folder, 'missing')} failed: ENOENT`,
    );
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(copy);
  });
});
