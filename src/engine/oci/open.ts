import { BenchError } from '../../errors.js';
import { findProgram } from '../../process/find.js';
import { Launcher } from '../../process/launcher.js';
import { hasHybridCgroups, hideUnifiedCgroup } from '../../process/mount-namespace.js';
import type { Engine } from '../../model/container/container.js';
import { OciEngine } from './engine.js';
import { isRoot, type OpenOptions } from '../opening.js';
import { describeRuntime } from './features.js';

/** What gVisor needs to run our containers, and to mind their filters at all. */
const GVISOR = {
  flags: ['--network', 'none', '--oci-seccomp'],
  note: 'gVisor runs with --network none and --oci-seccomp; without the latter it ignores the seccomp spec',
  hidden:
    "gVisor minds the container's filter in its own kernel; what the host's kernel has loaded is the filter of the sandbox",
} as const;

/** An OCI runtime by name or path, adapted to this host. Throws `usage` or `environment`. */
export async function openOci(name: 'runc' | 'crun' | 'oci', options: OpenOptions): Promise<Engine> {
  const wanted = options.runtime ?? name;
  if (name === 'oci' && options.runtime === undefined) {
    throw new BenchError('usage', 'Expected --runtime PATH with --engine oci, got none', {
      hint: 'bench sequential --engine oci --runtime /usr/bin/youki',
    });
  }
  const runtime = findProgram(wanted, options.parts.env['PATH'], process.cwd());
  if (runtime === undefined) {
    throw new BenchError(
      'environment',
      `Expected the program ${wanted}, got none ${wanted.includes('/') ? 'there that may be run' : 'in PATH'}`,
      {
        hint:
          name === 'oci'
            ? 'Give --runtime the path of an OCI runtime.'
            : `apt-get install --no-install-recommends ${name}`,
      },
    );
  }
  const described = await describeRuntime(runtime, options.parts.env);
  assertNamed(name, described.version, runtime);
  if (!described.seccomp)
    throw new BenchError('environment', `Expected ${runtime} to be built with seccomp, got one without`);
  const gvisor = described.isGvisor ? GVISOR : undefined;
  const notes: string[] = gvisor === undefined ? [] : [gvisor.note];
  if (described.isCrun && hasHybridCgroups()) {
    hideUnifiedCgroup();
    notes.push(
      'cgroup v1 and v2 are both mounted, which crun refuses: it runs in a mount namespace without the v2 one',
    );
  }
  if (described.isCrun)
    notes.push('every container has its own state folder, so that no compiled filter of another one is reused');
  if (described.libseccomp !== null) notes.push(`libseccomp ${described.libseccomp}, as the runtime says`);
  return new OciEngine({
    facts: {
      name: gvisor === undefined ? name : 'runsc',
      version: described.version,
      path: runtime,
      rootless: !isRoot(),
      notes,
    },
    limits: described.limits,
    runtime,
    flags: gvisor?.flags ?? [],
    ...(gvisor === undefined ? {} : { hidden: gvisor.hidden }),
    rootPerContainer: described.isCrun,
    // A sandbox outlives its container until it is deleted, so the container's end is not seen from outside.
    stages: gvisor === undefined ? 'asked' : 'never',
    parts: options.parts,
    launcher: new Launcher(options.clock, options.parts.payload.gate),
    clock: options.clock,
  });
}

/** Results carry the engine's name, so it has to be the true one. */
function assertNamed(name: 'runc' | 'crun' | 'oci', version: string, runtime: string): void {
  const own = /^(runc|crun|runsc|youki)\b/.exec(version)?.[1];
  if (name === 'oci' || own === undefined || own === name) return;
  throw new BenchError('usage', `Expected ${name} at ${runtime}, got ${version}`, {
    hint: `--engine oci --runtime ${runtime} takes any OCI runtime by its path.`,
  });
}
