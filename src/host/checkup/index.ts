import type { Finding } from '../../model/host/checkup.js';
import type { Host } from './host.js';
import { checkCgroups } from './cgroups.js';
import { checkJitLimit } from './jit-limit.js';
import { checkKernel, checkSeccomp } from './kernel.js';
import { checkOpenFiles, checkProcesses } from './limits.js';
import { checkGovernor, checkLoad, checkMitigations, checkSteal, checkVirtualisation } from './processor.js';
import { checkCapabilities, checkSubordinateIds, checkUserNamespaces } from './rights.js';
import { checkCrunCache, checkLibseccomp, checkPerf, checkStrace } from './tools.js';
import type { InstalledLibrary } from './tools.js';

export type { InstalledLibrary } from './tools.js';
export { ENGINES, type EngineEntry } from './engines.js';
export { runsAsRoot, thisHost, type Host } from './host.js';
export { executableFix } from './mounts.js';
export { lookFor, NOT_TRIED, type InstalledEngine } from './installed.js';

/** Whether strace may trace, or perf count, on this machine. */
export const checkTool = (host: Host, tool: 'strace' | 'perf'): Promise<Finding> =>
  tool === 'strace' ? checkStrace(host) : checkPerf(host);

/** All checks of a host that start no container, in the order of the report. */
export async function checkHost(host: Host, libseccomp: InstalledLibrary | null): Promise<readonly Finding[]> {
  const crunCache = await checkCrunCache(host);
  const subordinateIds = checkSubordinateIds(host);
  return [
    checkKernel(host),
    checkSeccomp(host),
    checkCgroups(host),
    checkCapabilities(host),
    await checkUserNamespaces(host),
    ...(subordinateIds === null ? [] : [subordinateIds]),
    checkLibseccomp(host, libseccomp),
    ...(crunCache === null ? [] : [crunCache]),
    checkOpenFiles(host),
    checkProcesses(host),
    checkJitLimit(host),
    checkGovernor(host),
    checkLoad(host),
    checkMitigations(host),
    checkSteal(host),
    checkVirtualisation(host),
    await checkStrace(host),
    await checkPerf(host),
  ];
}
