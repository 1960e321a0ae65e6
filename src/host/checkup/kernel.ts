import { ok, problem, warning } from '../../model/host/checkup.js';
import type { Finding } from '../../model/host/checkup.js';
import { statusOf } from './host.js';
import type { Host } from './host.js';

const KERNEL = { id: 'kernel', title: 'kernel' };
const SECCOMP = { id: 'seccomp', title: 'seccomp' };
/** Of pidfd_open(2), which bench waits for children with. */
const OLDEST = [5, 3] as const;

/** Whether the kernel is new enough. */
export function checkKernel({ system }: Pick<Host, 'system'>): Finding {
  const [major = 0, minor = 0] = system
    .release()
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  const found = `${system.release()} on ${system.machine()}`;
  const old = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  return old ? problem(KERNEL, `${found}: bench requires ${OLDEST.join('.')} or newer`) : ok(KERNEL, found);
}

/** Whether the kernel supports seccomp, and whether this process runs under a filter itself. */
export function checkSeccomp(host: Pick<Host, 'files'>): Finding {
  const mode = statusOf(host, 'Seccomp');
  if (mode === null) return problem(SECCOMP, 'this kernel is built without seccomp');
  if (mode === '0') return ok(SECCOMP, 'supported; bench itself runs without a filter');
  const filters = statusOf(host, 'Seccomp_filters');
  const some = filters === null ? 'a filter' : `${filters} filter${filters === '1' ? '' : 's'}`;
  return warning(SECCOMP, `bench itself runs under ${some}: every container is filtered by that too`);
}
