import { BenchError, notFound } from '../../errors.js';
import { findProgram } from '../../process/files/find.js';
import { Launcher } from '../../process/launcher.js';
import { runTool } from '../../process/run-tool.js';
import type { Engine } from '../../model/container/container.js';
import { lastWords } from '../../model/container/outcome.js';
import { containedByCgroups } from '../opening.js';
import type { OpenOptions } from '../opening.js';
import { RUN_VARIABLE } from '../../process/processes.js';
import { runtimeBeneath, runtimeWords } from '../beneath.js';
import { ASK_MS } from '../waiting/deadlines.js';
import { IsuladEngine } from './engine.js';
import { programOfRuntime, runtimeInUse } from './runtime.js';

const DEFAULT_HOST = 'unix:///var/run/isulad.sock';
/** iSulad's own light runtime, which the published figures were measured with. */
const LCR = 'lcr';

/** Path of `isula` and the address of its daemon. */
export interface IsuladPlace {
  readonly program: string;
  readonly host: string;
}

/**
 * Throws `environment` where `isula` is not installed, or where its daemon is on another machine and could not read
 * our files.
 */
export function findIsulad(env: OpenOptions['parts']['env']): IsuladPlace {
  const program = findProgram('isula', env['PATH']);
  if (program === undefined) {
    throw notFound('isula', 'PATH', {
      hint:
        'openEuler packages it (dnf install iSulad), Debian and Ubuntu do not: ' +
        '--engine lxc does what its runtime lcr does.',
    });
  }
  const named = env['ISULAD_HOST'];
  const host = named === undefined || named === '' ? DEFAULT_HOST : named;
  if (host.startsWith('unix://')) return { program, host };
  throw new BenchError('environment', `--engine isulad requires a socket of this machine, not ISULAD_HOST=${host}`, {
    hint: 'The profiles and the root file system are files on this machine. Run bench where isulad runs.',
  });
}

/** iSulad through its own client. Throws `environment` where it is not installed or its daemon does not answer. */
export async function openIsulad(options: OpenOptions): Promise<Engine> {
  const { parts, runtime: named, clock, signal } = options;
  const containment = containedByCgroups(options);
  const asked = named ?? null;
  const { program, host } = findIsulad(parts.env);
  // This asks the daemon too.
  const { exitCode, stdout, stderr } = await runTool(program, ['version'], {
    env: parts.env,
    timeoutMs: ASK_MS,
    signal,
  });
  if (exitCode !== 0) {
    throw new BenchError(
      'environment',
      `could not connect to isulad at ${host}: exit code ${exitCode}${
        stderr === ''
          ? ''
          : `: \
${lastWords(stderr, 1)}`
      }`,
      { hint: 'Start it as root (systemctl start isulad, or isulad &), or point ISULAD_HOST at its socket.' },
    );
  }
  const isula = { program, env: { ...parts.env, [RUN_VARIABLE]: parts.runId }, signal };
  const runtime = await runtimeInUse(isula, parts, { asked, containment });
  const beneath = await runtimeBeneath({
    name: runtime ?? 'unknown',
    program: runtime === null ? null : programOfRuntime(runtime),
    version: null,
    features: null,
    socket: host.slice('unix://'.length),
    env: parts.env,
  });
  return new IsuladEngine({
    facts: {
      name: engineName(runtime),
      version: `iSulad ${serverVersion(stdout)}, ${runtime === null ? 'runtime unknown' : runtimeWords(beneath)}`,
      ...(runtime === null ? {} : { runtime: beneath }),
      path: program,
      rootless: false,
      notes: [
        `at ${host}, runtime ${runtimeNote(asked, runtime)}`,
        "iSulad converts profiles itself and keeps only the host's architecture: the list of each arm is passed as " +
          'that architecture with all others as sub-architectures, which iSulad copies',
        'iSulad profiles have no errnoRet and no flags: those are lost (--dialect isulad converts the same way)',
        'the daemon does the work, so there is no CPU time: wall time decides; ' +
          'it includes the client isula, one process per command',
      ],
      containment,
    },
    containment,
    // lcr writes every architecture into a file, and LXC skips the foreign ones; runc passes them to libseccomp.
    limits: runtime === LCR ? { skipsForeign: true } : {},
    program,
    runtime: asked,
    parts,
    clock,
    signal,
    launcher: new Launcher(clock, parts.payload.gate),
  });
}

/** Results of earlier versions have the plain name for lcr. */
function engineName(runtime: string | null): string {
  if (runtime === null) return 'isulad with its default runtime';
  return runtime === LCR ? 'isulad' : `isulad with ${runtime}`;
}

function runtimeNote(asked: string | null, runtime: string | null): string {
  if (asked !== null) return asked;
  return runtime === null ? "iSulad's default, which it does not show" : `${runtime}, iSulad's default`;
}

/** `isula version` prints Client, Server and OCI config, each with a line `Version:`. */
const serverVersion = (text: string): string => /Server:[\s\S]*?Version:\s*(\S+)/.exec(text)?.[1] ?? 'unknown';
