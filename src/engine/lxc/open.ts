import { needs } from '../../errors.js';
import { findProgram } from '../../process/files/find.js';
import { Launcher } from '../../process/launcher.js';
import { plainLine } from '../../model/plain-text.js';
import { runTool } from '../../process/run-tool.js';
import type { Engine } from '../../model/container/container.js';
import { LxcEngine } from './engine.js';
import { isRoot } from '../environment.js';
import { CHECK_RUNTIME, programNotFound } from '../failures.js';
import { containedByCgroups } from '../opening.js';
import type { OpenOptions } from '../opening.js';

/** LXC's `lxc-start`, from PATH or --runtime. Throws `environment` where it is not found or the user is not root. */
export async function openLxc(options: OpenOptions): Promise<Engine> {
  const { runtime, parts, clock } = options;
  const wanted = runtime ?? 'lxc-start';
  const lxcStart = findProgram(wanted, parts.env['PATH'], process.cwd());
  if (lxcStart === undefined) {
    throw programNotFound(wanted, {
      hint: runtime === undefined ? 'apt-get install --no-install-recommends lxc' : CHECK_RUNTIME,
    });
  }
  if (!isRoot())
    throw needs('--engine lxc', 'root', {
      hint: 'Use sudo, or --engine namespaces.',
    });
  const { stdout } = await runTool(lxcStart, ['--version'], { env: parts.env });
  const containment = containedByCgroups(options);
  return new LxcEngine({
    facts: {
      name: 'lxc',
      version: `lxc-start ${plainLine(stdout.split('\n')[0] ?? '', 200)}`,
      path: lxcStart,
      rootless: false,
      notes: [
        'every start writes the spec as an LXC seccomp file, as lcr does; ' +
          'the time includes that, but bench does it in JavaScript, not in C like lcr',
        'LXC reads the sections of foreign architectures and skips them',
      ],
      containment,
    },
    containment,
    lxcStart,
    parts,
    clock,
    launcher: new Launcher(clock, parts.payload.gate),
  });
}
