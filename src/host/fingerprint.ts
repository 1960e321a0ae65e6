import os from 'node:os';
import { FORMAT_VERSION } from '../model/results/format.js';
import { type HostFingerprint } from '../model/results/result.js';
import type { Calendar } from '../model/time.js';
import { cpuModel, governorOf, mitigationsOf, stealShareOf } from './cpu.js';
import { emulationOf } from './emulation.js';
import { hostFilesUnder, type HostFiles } from './host-files.js';
import { cgroupOf, distributionOf, virtualizationOf } from './platform.js';

/** What `uname`, `sysinfo` and the like return; by default Node's module `os`. */
export type System = Pick<typeof os, 'hostname' | 'machine' | 'release' | 'type' | 'cpus' | 'totalmem' | 'loadavg'>;

export interface FingerprintOptions {
  /** The version of bench. */
  readonly bench: string;
  /** libseccomp's version; `null` where it is not installed. */
  readonly libseccomp: string | null;
  /** The user's declaration of emulation (`BENCH_EMULATION`). */
  readonly emulation?: string | undefined;
  readonly now?: Calendar;
  readonly files?: HostFiles;
  readonly system?: System;
  readonly node?: string;
}

/**
 * The properties of this host that results depend on. What it does not show is `null`, `unknown` or empty, never an
 * error.
 */
export function takeFingerprint(options: FingerprintOptions): HostFingerprint {
  const {
    bench,
    libseccomp,
    now = () => new Date(),
    files = hostFilesUnder('/'),
    system = os,
    node = process.version,
  } = options;
  const bootId = files.read('/proc/sys/kernel/random/boot_id');
  return {
    formatVersion: FORMAT_VERSION,
    takenAt: now().toISOString(),
    hostname: system.hostname(),
    machine: system.machine(),
    kernel: system.release(),
    os: distributionOf(files) ?? system.type(),
    cpuModel: cpuModel(files),
    cpuCount: system.cpus().length,
    memoryMiB: Math.round(system.totalmem() / 2 ** 20),
    governor: governorOf(files),
    cgroup: cgroupOf(files),
    libseccomp,
    node,
    bench,
    loadAverage: system.loadavg(),
    stealShare: stealShareOf(files),
    virtualization: virtualizationOf(files),
    emulation: emulationOf(files, system.machine(), options.emulation),
    mitigations: mitigationsOf(files),
    ...(bootId === null ? {} : { bootId }),
  };
}
