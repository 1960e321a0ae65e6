import { conflict, notFound } from '../../errors.js';
import { findProgram } from '../../process/files/find.js';
import { Launcher } from '../../process/launcher.js';
import type { Engine } from '../../model/container/container.js';
import { isRoot, processLimit } from '../environment.js';
import type { OpenOptions } from '../opening.js';
import { SandboxEngine } from '../sandbox/engine.js';
import { limitedRun } from '../sandbox/limits.js';
import { namespacesSandbox } from './sandbox.js';

/** The built-in engine. Throws `environment` without util-linux, `usage` for a runtime. */
export function openNamespaces(options: OpenOptions): Engine {
  if (options.runtime !== undefined)
    throw conflict(`--runtime ${options.runtime}`, '--engine namespaces', {
      hint: `--engine oci --runtime ${options.runtime}`,
    });
  const unshare = findProgram('unshare', options.parts.env['PATH']);
  if (unshare === undefined)
    throw notFound('unshare', 'PATH', {
      hint: 'apt-get install util-linux',
    });
  const rootless = !isRoot();
  const { cgroup, containment } = limitedRun(
    options.parts.runId,
    rootless ? { kind: 'rlimit', most: processLimit(), of: 'container' } : undefined,
  );
  return new SandboxEngine({
    facts: { name: 'namespaces', version: 'built in', path: unshare, rootless, notes: [], containment },
    cgroup,
    sandbox: namespacesSandbox({ unshare, rootless }),
    parts: options.parts,
    launcher: new Launcher(options.clock, options.parts.payload.gate),
  });
}
