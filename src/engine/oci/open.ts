import { BenchError } from '../../errors.js';
import { findProgram } from '../../process/files/find.js';
import { Launcher } from '../../process/launcher.js';
import { hasHybridCgroups, hideUnifiedCgroup } from '../../process/mount-namespace.js';
import type { Engine } from '../../model/container/container.js';
import { OciEngine } from './engine.js';
import { isRoot, processLimit } from '../environment.js';
import { contained } from '../../model/container/containment.js';
import type { Containment } from '../../model/container/containment.js';
import { containedByCgroups, GVISOR_NO_32_BIT } from '../opening.js';
import type { OpenOptions } from '../opening.js';
import { CHECK_RUNTIME, programNotFound } from '../failures.js';
import { builderOfRuntime } from '../filter-builder.js';
import { describeRuntime, type RuntimeDescription } from './features.js';

/** gVisor needs these to run our containers, and to apply their filters at all. */
const GVISOR = {
  flags: ['--network', 'none', '--oci-seccomp'],
  note: 'gVisor runs with --network none and --oci-seccomp; without the latter it ignores the seccomp spec',
  hidden:
    "gVisor applies the container's filter in its own kernel; the host's kernel has only the filter of the sandbox",
} as const;

type Name = 'runc' | 'crun' | 'oci';

/** An OCI runtime by name or path, adapted to this host. Throws `usage` or `environment`. */
export async function openOci(name: Name, options: OpenOptions): Promise<Engine> {
  const runtime = locate(name, options);
  const described = await describeRuntime(runtime, options.parts.env);
  assertNamed(name, described.version, runtime);
  if (!described.seccomp) throw new BenchError('environment', `${runtime} was built without seccomp`);
  const hidesUnified = described.isCrun && hasHybridCgroups();
  if (hidesUnified) hideUnifiedCgroup();
  return new OciEngine({
    facts: {
      name: described.isGvisor ? 'runsc' : name,
      version: described.version,
      path: runtime,
      rootless: !isRoot(),
      notes: notesOn(described, hidesUnified),
      containment: containmentOf(options),
    },
    limits: described.limits,
    runtime,
    builder: await builderOfRuntime(runtime, described, options.parts.env),
    flags: described.isGvisor ? GVISOR.flags : [],
    ...(described.isGvisor ? { hidden: GVISOR.hidden, no32Bit: GVISOR_NO_32_BIT } : {}),
    mayKeepFilters: described.isCrun,
    ...(loadsRawFilters(described) ? { loads: new Set(['raw'] as const) } : {}),
    // A sandbox outlives its container until it is deleted, so the container's end is not seen from outside.
    stages: described.isGvisor ? 'never' : 'asked',
    parts: options.parts,
    launcher: new Launcher(options.clock, options.parts.payload.gate),
    clock: options.clock,
  });
}

/** Without root a runtime may not make cgroups; the user namespace of a container counts its own processes. */
const containmentOf = (options: OpenOptions): Containment =>
  isRoot()
    ? containedByCgroups(options)
    : contained({
        pids: { kind: 'rlimit', most: processLimit(), of: 'container' },
        memory: { kind: 'none', reason: 'a runtime without root is given no cgroup' },
      });

/** By the annotation run.oci.seccomp_bpf_data, which crun has from 0.18 on (its NEWS). */
export function loadsRawFilters({ isCrun, version }: Pick<RuntimeDescription, 'isCrun' | 'version'>): boolean {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(version) ?? [];
  return isCrun && (Number(major) > 0 || Number(minor) >= 18);
}

function locate(name: Name, { runtime: named, parts }: OpenOptions): string {
  if (name === 'oci' && named === undefined)
    throw new BenchError('usage', '--engine oci requires --runtime PATH', {
      hint: 'bench sequential --engine oci --runtime /usr/bin/youki',
    });
  const wanted = named ?? name;
  const path = findProgram(wanted, parts.env['PATH'], process.cwd());
  if (path !== undefined) return path;
  throw programNotFound(wanted, {
    hint: named === undefined ? `apt-get install --no-install-recommends ${name}` : CHECK_RUNTIME,
  });
}

function notesOn({ isGvisor, libseccomp }: RuntimeDescription, hidesUnified: boolean): readonly string[] {
  return [
    ...(isGvisor ? [GVISOR.note] : []),
    ...(hidesUnified
      ? ['crun refuses hosts that mount both cgroup v1 and v2: it runs in a mount namespace without v2']
      : []),
    ...(libseccomp === null ? [] : [`libseccomp ${libseccomp}, as the runtime reports it`]),
  ];
}

/** Results carry the engine's name, so it has to be the true one. */
function assertNamed(name: Name, version: string, runtime: string): void {
  const own = /^(runc|crun|runsc|youki)\b/.exec(version)?.[1];
  if (name === 'oci' || own === undefined || own === name) return;
  throw new BenchError('usage', `${runtime} is not ${name}: it reports ${version}`, {
    hint: `--engine oci --runtime ${runtime} accepts any OCI runtime.`,
  });
}
