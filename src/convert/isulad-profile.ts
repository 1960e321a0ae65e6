import type { SeccompSpec } from '../model/profile/seccomp.js';
import { goArchFromName, isuladSeccompArch } from './arch.js';
import { serialiseSpec } from './serialise.js';

/**
 * A spec as a profile that iSulad converts back into the same spec, for a host by `uname -m`. iSulad reads no list of
 * architectures: before 2021 it copied every entry of `archMap` with its sub-architectures, since then only the host's.
 * So the host's entry is the only one, and all other architectures are its sub-architectures. Fields that iSulad's
 * profiles lack (`errnoRet`, flags, the listener) are left out. Source: iSulad's specs_security.c.
 */
export const isuladProfile =
  (machine: string) =>
  (spec: SeccompSpec): string => {
    const architecture = isuladSeccompArch(goArchFromName(machine));
    const subArchitectures = (spec.architectures ?? []).filter((name) => name !== architecture);
    const rules = (spec.syscalls ?? []).map(({ names, action, args }) => ({
      names,
      action,
      ...(args === undefined ? {} : { args }),
    }));
    const rest = serialiseSpec({ defaultAction: spec.defaultAction, syscalls: rules });
    return `{"archMap":${JSON.stringify([{ architecture, subArchitectures }])},${rest.slice(1)}\n`;
  };
