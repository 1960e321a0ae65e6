import { ok, warning } from '../../model/host/checkup.js';
import type { Finding } from '../../model/host/checkup.js';
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

/** Of the cores: others' work that is no longer noise. */
const BUSY_SHARE = 0.25;
const STOLEN_SHARE = 0.01;

/** Whether the cores keep their frequency. */
export function checkGovernor(host: Pick<Host, 'files'>): Finding {
  const governor = governorOf(host.files);
  if (governor === null) return ok(GOVERNOR, 'none is offered, as in most virtual machines');
  if (governor === 'performance') return ok(GOVERNOR, governor);
  const tee = runsAsRoot(host) ? 'tee' : 'sudo tee';
  return warning(
    GOVERNOR,
    `${governor}: the frequency follows the load, which widens intervals`,
    `echo performance | ${tee} /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor`,
  );
}

/** Whether the machine is idle but for this. */
export function checkLoad({ system }: Pick<Host, 'system'>): Finding {
  const cores = system.cpus().length;
  const [minute = 0] = system.loadavg();
  const found = `${minute.toFixed(2)} on ${cores} core${cores === 1 ? '' : 's'}`;
  return minute <= BUSY_SHARE * cores
    ? ok(LOAD, found)
    : warning(LOAD, `${found}: others are at work, which widens intervals`);
}

/** What the kernel does against flaws of the processor, and whether a seccomp filter switches more of it on. */
export function checkMitigations({ files }: Pick<Host, 'files'>): Finding {
  const all = mitigationsOf(files);
  if (Object.keys(all).length === 0) return ok(MITIGATIONS, 'not told by this kernel');
  const names = Object.keys(all).filter((name) => all[name] !== 'Not affected');
  const without = names.filter((name) => !/mitigation:/i.test(all[name] ?? ''));
  const found = `against ${names.length - without.length} of ${names.length} flaw${names.length === 1 ? '' : 's'} of this processor${without.length === 0 ? '' : `, not ${without.join(', ')}`}`;
  // Kernels before 5.16 do so by default.
  const withFilter = names.filter((name) => /\bseccomp\b/.test(all[name] ?? ''));
  if (withFilter.length === 0) return ok(MITIGATIONS, found);
  return warning(
    MITIGATIONS,
    `${found}. A seccomp filter also switches that against ${withFilter.join(', ')} on, and what it costs shows as the filter's`,
  );
}

/** How much processor time the hypervisor gave to others. */
export function checkSteal({ files }: Pick<Host, 'files'>): Finding {
  const share = stealShareOf(files);
  if (share === null) return ok(STEAL, 'not told by this kernel');
  const found = `${(100 * share).toFixed(2)} % since boot`;
  return share <= STOLEN_SHARE
    ? ok(STEAL, found)
    : warning(STEAL, `${found}: other guests of the hypervisor are at work, which widens intervals`);
}

/** What the machine runs in, and whether that is an emulator. */
export function checkVirtualisation({ files, system, env }: Pick<Host, 'files' | 'system' | 'env'>): Finding {
  const emulation = emulationOf(files, system.machine(), env[EMULATION_VARIABLE]);
  const found = virtualizationOf(files) ?? 'none seen';
  if (emulation === null) return ok(VIRTUALISATION, found);
  return warning(
    VIRTUALISATION,
    `${found}; emulated (${EMULATION_WORDS[emulation.kind]}: ${emulation.sign}): times mean nothing here, runs are functional proof`,
  );
}
