import { BenchError, notFound } from '../../errors.js';
import { findProgram } from '../../process/files/find.js';
import { Launcher } from '../../process/launcher.js';
import type { Engine } from '../../model/container/container.js';
import { ContainerdEngine } from './engine.js';
import { askVersion } from './left.js';
import { describeBeneath, runtimeWords } from '../beneath.js';
import { isRoot } from '../environment.js';
import { containedByCgroups } from '../opening.js';
import type { OpenOptions } from '../opening.js';

/** That of ctr, which does not read the daemon's configuration for it. */
const DEFAULT_RUNTIME = 'io.containerd.runc.v2';
const DEFAULT_ADDRESS = '/run/containerd/containerd.sock';

/** Path of `ctr`, and the socket: CONTAINERD_ADDRESS or the default. Throws `environment`. */
export function findContainerd(env: OpenOptions['parts']['env']): {
  readonly program: string;
  readonly address: string;
} {
  const program = findProgram('ctr', env['PATH']);
  if (program === undefined)
    throw notFound('ctr', 'PATH', {
      hint: 'apt-get install --no-install-recommends containerd',
    });
  return { program, address: env['CONTAINERD_ADDRESS'] ?? DEFAULT_ADDRESS };
}

/** containerd through its own `ctr`. Throws `environment`. */
export async function openContainerd(options: OpenOptions): Promise<Engine> {
  const { parts, runtime } = options;
  const { program: ctr, address } = findContainerd(parts.env);
  const { exitCode, stdout, stderr } = await askVersion({ ctr, address }, options.signal);
  if (exitCode !== 0) {
    throw new BenchError(
      'environment',
      `could not connect to containerd at ${address}: ${stderr.trim().split('\n').at(-1) ?? `exit code ${exitCode}`}`,
      {
        hint: isRoot()
          ? 'Start containerd, or point CONTAINERD_ADDRESS at its socket.'
          : 'Its socket belongs to root: use sudo, or point CONTAINERD_ADDRESS at a socket of yours.',
      },
    );
  }
  const { facts: beneath, builder } = await describeBeneath({
    name: runtime ?? DEFAULT_RUNTIME,
    program: programOf(runtime ?? DEFAULT_RUNTIME),
    version: null,
    features: null,
    socket: address.replace('unix://', ''),
    env: parts.env,
  });
  return new ContainerdEngine({
    facts: {
      name: 'containerd',
      version: `containerd ${serverVersion(stdout)}, ${runtimeWords(beneath)}`,
      runtime: beneath,
      path: ctr,
      rootless: false,
      notes: [
        `containerd at ${address}, runtime ${runtime ?? DEFAULT_RUNTIME}`,
        'the daemon and a shim do the work, so only servers have CPU time: of the rest wall time decides',
      ],
      containment: containedByCgroups(options),
    },
    builder,
    ctr,
    address,
    ...(runtime === undefined ? {} : { runtime, ...hiddenBy(runtime) }),
    parts,
    launcher: new Launcher(options.clock, parts.payload.gate),
    signal: options.signal,
  });
}

/** The program that a shim calls by itself; `null` where that is not known. */
const programOf = (runtime: string): string | null => /^io\.containerd\.(runc|runsc)\.v\d+$/.exec(runtime)?.[1] ?? null;

/** A container with its own kernel is not a process of this kernel. */
const hiddenBy = (runtime: string): { readonly hidden?: string } =>
  /runsc|kata/.test(runtime)
    ? {
        hidden: `containers of ${runtime} have a kernel of their own, so their processes and filters are hidden here`,
      }
    : {};

/** `ctr version` prints Client and Server, each with a line `Version:`. */
const serverVersion = (text: string): string => /Server:[\s\S]*?Version:\s*(\S+)/.exec(text)?.[1] ?? 'unknown';
