import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { ArmEvidence } from '../../src/model/evidence.js';
import { needs, needsRoot, Sandbox } from './bench.js';

const sandbox = new Sandbox();
beforeEach(() => { sandbox.clear(); });
afterAll(() => { sandbox[Symbol.dispose](); });

const evidence = (): ArmEvidence[] => JSON.parse(readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8')) as ArmEvidence[];
const run = (runtime: string, ...more: readonly string[]) => sandbox.bench(['sequential', '--engine', 'oci', '--runtime', runtime, '--count', '2', '--warmup', '0', '--no-report', ...more]);

describe('gVisor', () => {
  it('minds the containers\' filters in its own kernel, which is said instead of showing the sandbox\'s', (context) => {
    needsRoot(context);
    needs(context, 'runsc');
    const { status, stderr } = run('runsc', '--arms', 'before,after,unconfined');
    expect(status).toBe(0);
    expect(stderr).toContain('gVisor runs with --network none and --oci-seccomp; without the latter it ignores the seccomp spec');
    expect(evidence().map(({ arm, seccompMode, loaded }) => [arm, seccompMode, loaded.state])).toEqual([
      ['before', 2, 'notSeen'], ['after', 2, 'notSeen'], ['unconfined', 0, 'notSeen'], ['control', 2, 'notSeen'],
    ]);
    expect(sandbox.containers().every(({ state }) => state === 'ok')).toBe(true);
    expect(sandbox.plan().engine.name).toBe('runsc');
  });

  it('does not show when a container ends, so its stages are refused', (context) => {
    needsRoot(context);
    needs(context, 'runsc');
    const { status, stderr } = run('runsc', '--stages');
    expect([status, stderr]).toEqual([2, expect.stringContaining('bench: Expected an engine with stages for --stages, got runsc, which cannot tell them apart')]);
  });

  it('is seen to ignore the filters where a wrapper hides what it is', (context) => {
    needsRoot(context);
    needs(context, 'runsc');
    const wrapper = join(sandbox.folder, 'wrapped');
    writeFileSync(wrapper, '#!/bin/sh\n[ "$1" = --version ] && { echo wrapped 1.0; exit; }\nexec runsc --network none "$@"\n');
    chmodSync(wrapper, 0o755);
    const { stdout } = run(wrapper);
    expect(stdout.replace(/\s+/g, ' ')).toContain('INVALID: the containers of before ran without seccomp, so this compares something else than it names');
    expect(evidence().map(({ seccompMode }) => seccompMode)).toEqual([0, 0, 0]);
  });
});
