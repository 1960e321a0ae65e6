import { conflict } from '../../errors.js';
import type { Engine } from '../../model/container/container.js';
import { findProgram } from '../../process/files/find.js';
import { Launcher } from '../../process/launcher.js';
import { runTool } from '../../process/run-tool.js';
import { isRoot } from '../environment.js';
import { programNotFound } from '../failures.js';
import type { OpenOptions } from '../opening.js';
import { SandboxEngine } from '../sandbox/engine.js';
import { limitedRun } from '../sandbox/limits.js';
import { bwrapSandbox } from './sandbox.js';

/** bubblewrap. Throws `environment` where it is not found, `usage` for a runtime. */
export async function openBwrap({ runtime, parts, clock }: OpenOptions): Promise<Engine> {
  if (runtime !== undefined)
    throw conflict(`--runtime ${runtime}`, '--engine bwrap', { hint: `--engine oci --runtime ${runtime}` });
  const bwrap = findProgram('bwrap', parts.env['PATH']);
  if (bwrap === undefined)
    throw programNotFound('bwrap', { hint: 'apt-get install --no-install-recommends bubblewrap' });
  const { stdout } = await runTool(bwrap, ['--version'], { env: parts.env });
  const rootless = !isRoot();
  const { cgroup, containment } = limitedRun(parts.runId);
  return new SandboxEngine({
    facts: {
      name: 'bwrap',
      version: stdout.split('\n')[0]?.trim() ?? '',
      path: bwrap,
      rootless,
      containment: rootless ? { ...containment, capabilities: [] } : containment,
      notes: ['bubblewrap runs with --as-pid-1: its own first process would load the filter a second time'],
    },
    cgroup,
    sandbox: bwrapSandbox(bwrap),
    parts,
    launcher: new Launcher(clock, parts.payload.gate),
  });
}
