import { ok, warning } from '../../model/host/checkup.js';
import type { Finding } from '../../model/host/checkup.js';
import { BUSY_SHARE, STOLEN_SHARE } from '../../model/host/use.js';
import { EMULATION_WORDS } from '../../model/run/emulation.js';
import { governorOf, mitigationsOf, stealShareOf } from '../cpu.js';
import { EMULATION_VARIABLE, emulationOf } from '../emulation.js';
import { virtualizationOf } from '../platform.js';
import { runsAsRoot } from './host.js';
import type { Host } from './host.js';

const GOVERNOR = { id: 'governor', title: 'governor' };
const LOAD = { id: 'load', title: 'load average' };
const MITIGATIONS = { id: 'mitigations', title: 'CPU mitigations' };
const STEAL = { id: 'steal', title: 'stolen CPU time' };
const VIRTUALISATION = { id: 'virtualisation', title: 'virtualisation' };

/** Whether the cores keep their frequency. */
export function checkGovernor(host: Pick<Host, 'files'>): Finding {
  const governor = governorOf(host.files);
  if (governor === null) return ok(GOVERNOR, 'none, as in most virtual machines');
  if (governor === 'performance') return ok(GOVERNOR, governor);
  const tee = runsAsRoot(host) ? 'tee' : 'sudo tee';
  return warning(
    GOVERNOR,
    `${governor}: the frequency follows the load, which widens the intervals`,
    `echo performance | ${tee} /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor`,
  );
}

/** Whether the machine is idle otherwise. */
export function checkLoad({ system }: Pick<Host, 'system'>): Finding {
  const cores = system.cpus().length;
  const [minute = 0] = system.loadavg();
  const found = `${minute.toFixed(2)} on ${cores} core${cores === 1 ? '' : 's'}`;
  return minute <= BUSY_SHARE * cores ? ok(LOAD, found) : warning(LOAD, `${found}: other work widens the intervals`);
}

/** The kernel's mitigations of processor flaws, and whether a seccomp filter switches more of them on. */
export function checkMitigations({ files }: Pick<Host, 'files'>): Finding {
  const all = mitigationsOf(files);
  if (Object.keys(all).length === 0) return ok(MITIGATIONS, 'unknown to this kernel');
  const names = Object.keys(all).filter((name) => all[name] !== 'Not affected');
  const without = names.filter((name) => !/mitigation:/i.test(all[name] ?? ''));
  const flaws = `${names.length} flaw${names.length === 1 ? '' : 's'}`;
  const open = without.length === 0 ? '' : `, not against ${without.join(', ')}`;
  const found = `against ${names.length - without.length} of ${flaws} of this processor${open}`;
  // Kernels before 5.16 do so by default.
  const withFilter = names.filter((name) => /\bseccomp\b/.test(all[name] ?? ''));
  if (withFilter.length === 0) return ok(MITIGATIONS, found);
  return warning(
    MITIGATIONS,
    `${found}. A seccomp filter also switches on that against ${withFilter.join(', ')}, at its own cost`,
  );
}

/** Share of processor time that the hypervisor gave to other guests. */
export function checkSteal({ files }: Pick<Host, 'files'>): Finding {
  const share = stealShareOf(files);
  if (share === null) return ok(STEAL, 'unknown to this kernel');
  const found = `${(100 * share).toFixed(2)} % since boot`;
  return share <= STOLEN_SHARE
    ? ok(STEAL, found)
    : warning(STEAL, `${found}: other guests of the hypervisor widen the intervals`);
}

/** What the machine runs in, and whether it is emulated. */
export function checkVirtualisation({ files, system, env }: Pick<Host, 'files' | 'system' | 'env'>): Finding {
  const emulation = emulationOf(files, system.machine(), env[EMULATION_VARIABLE]);
  const found = virtualizationOf(files) ?? 'none detected';
  if (emulation === null) return ok(VIRTUALISATION, found);
  return warning(
    VIRTUALISATION,
    `${found}; emulated (${EMULATION_WORDS[emulation.kind]}: ${emulation.sign}): times are meaningless here`,
  );
}
