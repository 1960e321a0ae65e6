import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../../src/process/files/find.js';
import { FakeHost } from '../engine/parts.js';

const host = new FakeHost();
afterAll(() => {
  host[Symbol.dispose]();
});

describe('finding a program', () => {
  const tool = host.program('bench-tool', 'true');
  const bin = join(host.folder, 'bin');

  it('takes the first executable file on the path', () => {
    mkdirSync(join(host.folder, 'folders/bench-tool'), { recursive: true });
    expect(findProgram('bench-tool', `${host.folder}/nowhere:${host.folder}/folders:${bin}`)).toBe(tool);
    expect([findProgram('bench-tool', host.folder), findProgram('bench-tool')]).toEqual([undefined, undefined]);
  });

  it('takes what has a slash in it as a path, relative to the given folder', () => {
    expect([
      findProgram(tool),
      findProgram('./bench-tool', '', bin),
      findProgram('bin/bench-tool', bin, host.folder),
      findProgram('./bench-tool', bin, '/'),
    ]).toEqual([tool, tool, tool, undefined]);
  });

  it('takes no file that may not be run', () => {
    const plain = host.program('bench-plain', 'true');
    chmodSync(plain, 0o644);
    expect([findProgram(plain), findProgram('bench-plain', bin)]).toEqual([undefined, undefined]);
  });
});
