import { ok, warning } from '../../model/host/checkup.js';
import type { Finding } from '../../model/host/checkup.js';
import { mountsIn } from '../../model/host/mounts.js';
import { cgroupOf } from '../platform.js';
import { asRoot, runsAsRoot } from './host.js';
import type { Host } from './host.js';

const CGROUPS = { id: 'cgroups', title: 'cgroups' };
const ROOT = '/sys/fs/cgroup';
/** Controllers by which containers get limits. */
const CONTROLLERS = ['cpu', 'memory', 'pids'] as const;
/** Podman 5 with crun refuses to start one there. runc, Docker and ctr start containers that have no limits. */
const LIMITING = 'Podman and CRI engines, which set limits, may refuse to start containers';

/** Which cgroup hierarchy is mounted, and whether runtimes can use it. */
export function checkCgroups(host: Pick<Host, 'files'>): Finding {
  const version = cgroupOf(host.files);
  if (version === 'none')
    return warning(
      CGROUPS,
      'not mounted: runc and crun require them',
      asRoot(host, 'mount -t cgroup2 cgroup2 /sys/fs/cgroup'),
    );
  const words = { v1: 'version 1', v2: 'version 2', hybrid: 'versions 1 and 2' }[version];
  if (isReadOnly(host)) return warning(CGROUPS, `${words}, read-only: runtimes cannot create cgroups`);
  if (version === 'hybrid') return hybridFinding(host, words);
  const lack = version === 'v2' ? lackOfControllers(host) : null;
  return lack === null ? ok(CGROUPS, words) : warning(CGROUPS, `${words} ${lack}`);
}

const hybridFinding = (host: Pick<Host, 'files'>, words: string): Finding =>
  runsAsRoot(host)
    ? ok(CGROUPS, `${words}; bench hides version 2 from crun, which refuses a mix`)
    : warning(CGROUPS, `${words}: crun refuses a mix, and only root can hide version 2 from it`);

function isReadOnly({ files }: Pick<Host, 'files'>): boolean {
  return mountsIn(files.read('/proc/self/mounts') ?? '')
    .filter(({ where, type }) => where.startsWith(ROOT) && type.startsWith('cgroup'))
    .every(({ options }) => options[0] === 'ro');
}

/**
 * What version 2 does not offer to containers, in words; `null`: nothing that is known. A controller is missing where
 * version 1 holds it, and a cgroup that is not the root of the hierarchy, as in a container, passes none on while it
 * has processes (the kernel's admin-guide/cgroup-v2, "No Internal Process Constraint").
 */
function lackOfControllers(host: Pick<Host, 'files'>): string | null {
  const { files } = host;
  const present = wordsIn(files.read(`${ROOT}/cgroup.controllers`));
  if (present === null) return null;
  const missing = CONTROLLERS.filter((name) => !present.includes(name));
  if (missing.length > 0) {
    const held = missing.every((name) => isHeldByVersion1(host, name)) ? ', which version 1 holds' : '';
    return `without ${listed(missing)}${held}: ${LIMITING}`;
  }
  const passed = wordsIn(files.read(`${ROOT}/cgroup.subtree_control`)) ?? CONTROLLERS;
  const kept = CONTROLLERS.filter((name) => !passed.includes(name));
  const isHierarchyRoot = files.read(`${ROOT}/cgroup.type`) === null;
  return kept.length === 0 || isHierarchyRoot
    ? null
    : `that does not pass on ${listed(kept)} (cgroup.subtree_control), as in a container: \
${LIMITING}`;
}

const wordsIn = (text: string | null): readonly string[] | null =>
  text === null ? null : text.trim().split(/\s+/).filter(Boolean);

/** By the number of its hierarchy in /proc/cgroups: 0 is version 2, or none. */
const isHeldByVersion1 = ({ files }: Pick<Host, 'files'>, controller: string): boolean =>
  new RegExp(`^${controller}\\t[1-9]`, 'm').test(files.read('/proc/cgroups') ?? '');

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
