import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { machine } from 'node:os';
import type { TestContext } from 'vitest';
import type { PayloadFiles } from '../../../src/model/container/payload-files.js';
import { isMachine, payloadFiles } from '../../../src/payload/index.js';

/** The programs this machine can run; skips the test where there are none. */
export function nativePrograms(ctx: TestContext): PayloadFiles {
  if (!isMachine(machine())) ctx.skip(`no programs are built for ${machine()}`);
  return payloadFiles(machine());
}

/** Skips the test where a command is not installed. */
export function needCommand(ctx: TestContext, name: string): void {
  const found = (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(`${folder}/${name}`));
  if (!found) ctx.skip(`${name} is not installed`);
}

/** Skips the test where 32-bit programs cannot run at all. */
export function need32Bit(ctx: TestContext, programs: PayloadFiles): void {
  const probe = spawnSync(programs.probe32);
  if (probe.error !== undefined) ctx.skip(`this kernel cannot run 32-bit programs (${probe.error.message})`);
}
