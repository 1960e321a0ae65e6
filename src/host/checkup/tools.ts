import { fixWords } from '../../model/filter/faults.js';
import type { KnownFault } from '../../model/filter/faults.js';
import { missing, ok, problem, versionIn, warning } from '../../model/host/checkup.js';
import type { Finding } from '../../model/host/checkup.js';
import { hasTracefs, MOUNT_TRACEFS, mountsIn } from '../../model/host/mounts.js';
import { asRoot, firstWords, runsAsRoot } from './host.js';
import type { Host } from './host.js';
import { installCommand } from './packages.js';
import { hasCapability } from './rights.js';

/** The libseccomp that bench uses, and the faults known of its version. */
export interface InstalledLibrary {
  readonly version: string;
  readonly faults: readonly KnownFault[];
}

const LIBSECCOMP = { id: 'libseccomp', title: 'libseccomp' };
const STRACE = { id: 'strace', title: 'strace' };
const PERF = { id: 'perf', title: 'perf' };
const CRUN_CACHE = { id: 'crunCache', title: "crun's cache" };
/** Below this value perf may count the events of others and read tracepoints without root. */
const PARANOID_OFF = 0;

/** Whether the library that builds filters is installed, and what is known of its version. */
export function checkLibseccomp(host: Pick<Host, 'files'>, library: InstalledLibrary | null): Finding {
  if (library !== null)
    return ok(
      LIBSECCOMP,
      [
        library.version,
        ...library.faults.map(({ id, what, fixedIn }) => `${id}: ${what}; ${fixWords(fixedIn)}`),
        ...(library.faults.some(({ weakens }) => weakens) ? ['bench verify checks a filter for it'] : []),
      ].join('. '),
    );
  return problem(
    LIBSECCOMP,
    'not found: filters cannot be predicted, and the built-in engine cannot build them',
    installCommand(host, { debian: 'libseccomp2', suse: 'libseccomp2', other: 'libseccomp' }),
  );
}

/** Whether strace is installed and may trace. */
export async function checkStrace(host: Host): Promise<Finding> {
  const strace = host.program('strace');
  if (strace === null)
    return missing(
      STRACE,
      'not found in PATH (a second way to read the loaded filter)',
      installCommand(host, 'strace'),
    );
  // It traces itself, a program that certainly exists.
  const result = await host.ask(strace, ['-o', '/dev/null', strace, '-V']);
  if (result?.exitCode === 0) return ok(STRACE, `${versionIn(result.stdout)}, may trace (${strace})`);
  return warning(STRACE, `it may not trace: ${firstWords(result)}`, traceFix(host));
}

function traceFix(host: Host): string | null {
  const scope = Number(host.files.read('/proc/sys/kernel/yama/ptrace_scope') ?? 0);
  // 3 stays until the next boot.
  if (scope === 2) return asRoot(host, 'sysctl -w kernel.yama.ptrace_scope=1');
  return scope === 3 || runsAsRoot(host) ? null : `sudo ${host.self}`;
}

/** Whether perf is installed and may count the system calls of containers. */
export async function checkPerf(host: Host): Promise<Finding> {
  const perf = host.program('perf');
  if (perf === null)
    return missing(
      PERF,
      'not found in PATH',
      installCommand(host, { debian: 'linux-perf', ubuntu: 'linux-tools-generic', other: 'perf' }),
    );
  const asked = await host.ask(perf, ['--version']);
  // perf of Debian and Ubuntu is a script that starts the one for the running kernel.
  if (asked?.exitCode !== 0)
    return warning(
      PERF,
      `${perf} does not run: ${firstWords(asked)}`,
      installCommand(host, { debian: 'linux-perf', ubuntu: `linux-tools-${host.system.release()}`, other: 'perf' }),
    );
  const version = versionIn(asked.stdout);
  if (!hasTracefs(mountsIn(host.files.read('/proc/self/mounts') ?? ''))) {
    const known = (host.files.read('/proc/filesystems') ?? 'tracefs').includes('tracefs');
    const [words, fix] = known
      ? ['tracefs is not mounted', asRoot(host, MOUNT_TRACEFS)]
      : ['this kernel has no tracefs', null];
    return warning(PERF, `${version}, but it cannot count system calls: ${words}`, fix);
  }
  const paranoid = Number(host.files.read('/proc/sys/kernel/perf_event_paranoid') ?? 0);
  if (hasCapability(host, 'SYS_ADMIN') || paranoid < PARANOID_OFF)
    return ok(PERF, `${version}, may count system calls (${perf})`);
  return warning(
    PERF,
    `${version}, but it may not count system calls: kernel.perf_event_paranoid is ${paranoid}`,
    asRoot(host, 'sysctl -w kernel.perf_event_paranoid=-1'),
  );
}

/**
 * Whether crun caches compiled filters across containers: since 1.7 where it is built with libgcrypt, since 1.14
 * always. `null` without crun.
 */
export async function checkCrunCache(host: Host): Promise<Finding | null> {
  const crun = host.program('crun');
  const said = crun === null ? null : await host.ask(crun, ['--version']);
  const [, major, minor] = /^crun version (\d+)\.(\d+)/.exec(said?.stdout ?? '') ?? [];
  if (major === undefined || minor === undefined) return null;
  const [version, age] = [versionIn(said?.stdout ?? ''), Number(major) * 1000 + Number(minor)];
  if (age < 1007) return ok(CRUN_CACHE, `crun ${version} does not cache compiled filters`);
  const keeps = age < 1014 ? 'may cache compiled filters, depending on its build' : 'caches compiled filters';
  return ok(CRUN_CACHE, `crun ${version} ${keeps}; bench uses a new state folder per container, so none is reused`);
}
