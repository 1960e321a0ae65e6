import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'vitest';
import { isuladProfile, lxcWriter } from '../../../src/convert/index.js';
import { rulesText } from '../../../src/filter/index.js';
import type { EngineParts } from '../../../src/model/container/container.js';
import { imageArchive } from '../../../src/payload/index.js';
import { nativePrograms } from '../payload/machine.js';

/** A folder with programs made of shell scripts, first in PATH, and a run's workspace; gone with the test. */
export class FakeHost implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'bench-engine-'));
  readonly workspace = join(this.folder, 'workspace');
  readonly env = { PATH: [join(this.folder, 'bin'), '/usr/bin', '/bin'].join(delimiter) };

  constructor() {
    for (const name of ['bin', 'workspace']) mkdirSync(join(this.folder, name));
  }

  /** Makes a program of that name; gives its path. */
  program(name: string, script: string): string {
    const path = join(this.folder, 'bin', name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  parts(ctx: TestContext): EngineParts {
    return {
      runId: `sb-test${process.pid}`,
      workspace: this.workspace,
      payload: nativePrograms(ctx),
      rulesText,
      imageArchive,
      lxc: lxcWriter('x86_64'),
      isuladProfile: isuladProfile('x86_64'),
      env: this.env,
      writeRootfs: (folder) => {
        mkdirSync(folder, { recursive: true });
        return Promise.resolve();
      },
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
