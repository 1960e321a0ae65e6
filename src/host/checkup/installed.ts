import { missing, notRunning, ok, problem, versionIn, warning } from '../../model/host/checkup.js';
import type { Finding } from '../../model/host/checkup.js';
import { shellQuote } from '../../model/shell-quote.js';
import type { DaemonEntry, EngineEntry } from './engines.js';
import { asRoot, effectiveUser, firstWords, runsAsRoot } from './host.js';
import type { Host } from './host.js';
import { installCommand } from './packages.js';

/** What is known about an engine without starting a container. */
export interface InstalledEngine {
  readonly finding: Finding;
  /** Empty where it does not say its version. */
  readonly version: string;
  readonly path: string | null;
  /** Where its daemon listens on this machine; absent where none does, or it has none. */
  readonly socket?: string;
}

/** How the finding ends for an engine that was looked for and did not start anything yet. */
export const NOT_TRIED = ', not tried';

/** Looks for an engine's program and, where it has one, its daemon. */
export async function lookFor(entry: EngineEntry, host: Host): Promise<InstalledEngine> {
  const path = entry.programs.map(host.program).find((found) => found !== null) ?? null;
  const install = installCommand(host, entry.packages);
  if (path === null) {
    const unpackaged = install === null ? '; this distribution has no package' : '';
    return {
      finding: missing(entry, `${entry.programs.join(' or ')} not found in PATH${unpackaged}`, install),
      version: '',
      path,
    };
  }
  const said = await host.ask(path, entry.versionArgs);
  const version = said?.exitCode === 0 ? versionIn(said.stdout) : '';
  if (said?.exitCode !== 0 && entry.daemon === undefined) {
    return {
      finding: problem(entry, `${path} ${entry.versionArgs.join(' ')} fails: ${firstWords(said)}`, install),
      version,
      path,
    };
  }
  // A client has its own version, which says nothing about the daemon's.
  const client = entry.daemon !== undefined && path.endsWith(`/${entry.client ?? ''}`) ? 'client ' : '';
  const program = `${client}${version === '' ? '' : `${version} `}(${path})`;
  const daemon =
    entry.daemon === undefined
      ? { finding: ok(entry, `${program}${NOT_TRIED}`) }
      : daemonFinding(entry, entry.daemon, program, host);
  return { ...daemon, version, path };
}

function daemonFinding(
  entry: EngineEntry,
  daemon: DaemonEntry,
  program: string,
  host: Host,
): Pick<InstalledEngine, 'finding' | 'socket'> {
  const elsewhere = daemon.variable === undefined ? undefined : host.env[daemon.variable];
  if (elsewhere !== undefined && elsewhere !== '' && !/^(?:unix:\/)?\//.test(elsewhere))
    return { finding: ok(entry, `${program}; ${daemon.variable} is ${elsewhere}${NOT_TRIED}`) };
  const named = elsewhere !== undefined && elsewhere !== '';
  const places = named ? [elsewhere.replace(/^unix:\/\//, '')] : socketsOf(daemon, host);
  const socket = places.find((place) => host.socket(place) !== 'none');
  if (socket !== undefined && host.socket(socket) === 'there' && isListening(places, host))
    return { finding: ok(entry, `${program}, its daemon listens at ${socket}${NOT_TRIED}`), socket };
  return { finding: notAnswering(entry, daemon, { program, places, socket, named }, host) };
}

/** The places of a daemon's socket, and the one that exists. */
interface Places {
  readonly program: string;
  readonly places: readonly string[];
  readonly socket: string | undefined;
  /** The variable names the place. */
  readonly named: boolean;
}

function notAnswering(
  entry: EngineEntry,
  daemon: DaemonEntry,
  { program, places, socket, named }: Places,
  host: Host,
): Finding {
  if (socket === undefined && named)
    return notRunning(
      entry,
      `${program}: no socket ${places[0] ?? ''} (${daemon.variable ?? ''})`,
      `unset ${daemon.variable ?? ''}`,
    );
  if (socket === undefined)
    return notRunning(entry, `${program}: no socket ${places[0] ?? ''}`, startCommand(daemon, places, host));
  if (host.socket(socket) === 'denied')
    return warning(entry, `${program}, but this user has no access to its socket ${socket}`, `sudo ${host.self}`);
  return warning(entry, `${program}, but nothing listens at its socket ${socket}`, startCommand(daemon, places, host));
}

function socketsOf({ sockets, userSocket }: DaemonEntry, host: Host): readonly string[] {
  if (runsAsRoot(host) || userSocket === undefined) return sockets;
  return [`${host.env['XDG_RUNTIME_DIR'] ?? `/run/user/${effectiveUser(host) ?? '0'}`}/${userSocket}`];
}

/** By the kernel's list of sockets: a connection would make systemd start the daemon. */
function isListening(places: readonly string[], { files }: Host): boolean {
  const accepting = '00010000';
  return (files.read('/proc/net/unix') ?? '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .some(([, , , flags, , , , path = '']) => flags === accepting && places.includes(path));
}

function startCommand(
  { unit, script, userSocket, command }: DaemonEntry,
  [place = '']: readonly string[],
  host: Host,
): string {
  const ofUser = userSocket !== undefined && !runsAsRoot(host);
  const start = command.replace('unix://SOCKET', shellQuote([`unix://${place}`]));
  if (host.files.list('/run/systemd').includes('system'))
    return ofUser ? `systemctl --user start ${unit}` : asRoot(host, `systemctl start ${unit}`);
  if (ofUser) return start;
  return asRoot(
    host,
    script !== undefined && host.files.list('/etc/init.d').includes(script) ? `service ${script} start` : start,
  );
}
