import { BenchError } from '../../errors.js';
import { findProgram } from '../../process/files/find.js';
import { runTool } from '../../process/run-tool.js';
import { programNotFound } from '../failures.js';

/** A container of an OCI runtime. */
export interface OciContainerName {
  /** A path, or a name on PATH. */
  readonly runtime: string;
  /** The runtime's state folder; absent: its own default. */
  readonly root?: string;
  readonly id: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The pid of a container's first process, from `RUNTIME state ID`. Throws `environment`. */
export async function ociContainerPid({ runtime, root, id, env }: OciContainerName): Promise<number> {
  const program = findProgram(runtime, env['PATH'] ?? '');
  if (program === undefined) throw programNotFound(runtime);
  const { exitCode, stdout, stderr } = await runTool(
    program,
    [...(root === undefined ? [] : ['--root', root]), 'state', id],
    { env },
  );
  if (exitCode !== 0) {
    throw new BenchError(
      'environment',
      `${runtime} does not know the container ${id}: ${stderr.trim() || `exit code ${exitCode ?? 'none'}`}`,
      {
        hint:
          'For a container of Docker, use --engine docker or --root /run/docker/runtime-runc/moby; ' +
          'for one of containerd, --root /run/containerd/runc/NAMESPACE.',
      },
    );
  }
  return pidIn(stdout, `${runtime} state ${id}`);
}

function pidIn(text: string, source: string): number {
  const { pid, status } = parsed(text, source);
  if (typeof pid === 'number' && pid > 0 && status !== 'stopped') return pid;
  throw new BenchError(
    'environment',
    `${source}: expected a container with a process, got the status ${JSON.stringify(status)}`,
  );
}

function parsed(text: string, source: string): { readonly pid?: unknown; readonly status?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Reported below.
  }
  throw new BenchError('environment', `${source}: expected a JSON object, got ${JSON.stringify(text.slice(0, 80))}`);
}
