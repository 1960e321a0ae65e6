import { missing, ok, problem, warning } from '../../model/host/checkup.js';
import type { Finding } from '../../model/host/checkup.js';
import { asRoot, effectiveUser, firstWords, runsAsRoot, statusOf } from './host.js';
import type { Host } from './host.js';
import { installCommand } from './packages.js';

/** The capabilities that a run as root uses: bit (linux/capability.h) and purpose. */
const CAPABILITIES = [
  { name: 'SYS_ADMIN', bit: 21, purpose: 'namespaces, mounts, reading the loaded filter' },
  { name: 'SYS_CHROOT', bit: 18, purpose: "entering the container's root" },
  { name: 'SETUID', bit: 7, purpose: "taking the container's user" },
  { name: 'SETGID', bit: 6, purpose: "taking the container's group" },
  { name: 'SETPCAP', bit: 8, purpose: 'dropping capabilities' },
  { name: 'MKNOD', bit: 27, purpose: 'device files' },
  { name: 'NET_ADMIN', bit: 12, purpose: 'network namespaces' },
  { name: 'SYS_PTRACE', bit: 19, purpose: 'inspecting processes of others' },
  { name: 'KILL', bit: 5, purpose: 'ending processes of others' },
  { name: 'SYS_RESOURCE', bit: 24, purpose: 'raising limits' },
] as const;
export type CapabilityName = (typeof CAPABILITIES)[number]['name'];

const CAPABILITY = { id: 'capabilities', title: 'capabilities' };
const SUBORDINATE = { id: 'subordinateIds', title: 'subordinate ids' };
const NAMESPACES = { id: 'userNamespaces', title: 'user namespaces' };

function effectiveSet(host: Pick<Host, 'files'>): bigint {
  const digits = statusOf(host, 'CapEff');
  return digits !== null && /^[0-9a-f]+$/.test(digits) ? BigInt(`0x${digits}`) : 0n;
}

/** Whether this process has a capability, by CapEff. */
export function hasCapability(host: Pick<Host, 'files'>, wanted: CapabilityName): boolean {
  const set = effectiveSet(host);
  return CAPABILITIES.some(({ name, bit }) => name === wanted && (set >> BigInt(bit)) % 2n === 1n);
}

/** Whether this process has the capabilities that bench uses. */
export function checkCapabilities(host: Pick<Host, 'files'>): Finding {
  if (effectiveSet(host) === 0n && !runsAsRoot(host)) return ok(CAPABILITY, 'none, as usual for an ordinary user');
  const lacking = CAPABILITIES.filter(({ name }) => !hasCapability(host, name));
  if (lacking.length === 0) return ok(CAPABILITY, `all ${CAPABILITIES.length} that bench uses`);
  const words = `missing: ${lacking.map(({ name, purpose }) => `${name} (${purpose})`).join(', ')}`;
  return lacking.some(({ name }) => name === 'SYS_ADMIN') ? problem(CAPABILITY, words) : warning(CAPABILITY, words);
}

/** Settings that can forbid user namespaces to ordinary users, with both values. */
const SETTINGS = [
  { file: '/proc/sys/user/max_user_namespaces', name: 'user.max_user_namespaces', forbids: '0', allow: '15000' },
  {
    file: '/proc/sys/kernel/unprivileged_userns_clone',
    name: 'kernel.unprivileged_userns_clone',
    forbids: '0',
    allow: '1',
  },
  {
    file: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    name: 'kernel.apparmor_restrict_unprivileged_userns',
    forbids: '1',
    allow: '0',
  },
] as const;

/**
 * Whether this user may create user namespaces, which containers without root require; for root, whether the settings
 * allow it to others.
 */
export async function checkUserNamespaces(host: Host): Promise<Finding> {
  const forbidding = SETTINGS.find(({ file, forbids }) => host.files.read(file) === forbids);
  const words = forbidding === undefined ? null : `${forbidding.name} is ${forbidding.forbids}`;
  const root = runsAsRoot(host);
  if (root)
    return ok(
      NAMESPACES,
      words === null
        ? 'ordinary users may create them; root needs none'
        : `ordinary users may not create them (${words}); root needs none`,
    );
  const refusal = await refusalOf(host);
  if (refusal === null) return ok(NAMESPACES, 'this user may create them');
  const fix =
    forbidding === undefined ? `sudo ${host.self}` : asRoot(host, `sysctl -w ${forbidding.name}=${forbidding.allow}`);
  return problem(NAMESPACES, `this user may not create them: ${words ?? refusal}`, fix);
}

async function refusalOf({ program, ask }: Host): Promise<string | null> {
  const unshare = program('unshare');
  if (unshare === null) return 'unshare not found in PATH';
  const result = await ask(unshare, ['--user', '--map-root-user', unshare, '--version']);
  return result?.exitCode === 0 ? null : firstWords(result);
}

/** What needs more than one user id in a container of an ordinary user. */
const WITHOUT_IDS = 'rootless Docker requires it, and Podman uses this user alone';

/**
 * Whether an ordinary user may give a container further user ids (newuidmap(1), subuid(5)); `null` for root, who needs
 * none.
 */
export function checkSubordinateIds(host: Pick<Host, 'files' | 'program'>): Finding | null {
  const uid = effectiveUser(host);
  if (uid === undefined || runsAsRoot(host)) return null;
  const absent = ['newuidmap', 'newgidmap'].find((name) => host.program(name) === null);
  if (absent !== undefined)
    return missing(
      SUBORDINATE,
      `${absent} not found in PATH: ${WITHOUT_IDS}`,
      installCommand(host, { debian: 'uidmap', fedora: 'shadow-utils', other: 'shadow' }),
    );
  const name = nameOfUser(host, uid);
  const without = ['/etc/subuid', '/etc/subgid'].find((file) => !hasRange(host, file, [uid, name]));
  if (without === undefined) return ok(SUBORDINATE, 'this user has some, for rootless Docker and Podman');
  const range = '100000-165535';
  return missing(
    SUBORDINATE,
    `${without} has no range for ${name}: ${WITHOUT_IDS}`,
    asRoot(host, `usermod --add-subuids ${range} --add-subgids ${range} ${name}`),
  );
}

/** The number where /etc/passwd does not name the user. */
const nameOfUser = ({ files }: Pick<Host, 'files'>, uid: string): string =>
  new RegExp(`^([^:\\n]+):[^:\\n]*:${uid}:`, 'm').exec(files.read('/etc/passwd') ?? '')?.[1] ?? uid;

const hasRange = ({ files }: Pick<Host, 'files'>, file: string, users: readonly string[]): boolean =>
  (files.read(file) ?? '').split('\n').some((line) => users.includes(line.split(':')[0] ?? ''));
