import type { SeccompSpec } from '../model/profile/seccomp.js';
import { goArchFromName, isuladSeccompArch } from './arch.js';
import { serialiseSpec } from './serialise.js';

/**
 * A spec as a profile that iSulad converts back into it, for a host by `uname -m`. iSulad reads no list of
 * architectures: before 2021 it copied every
 * entry of `archMap` with its sub-architectures, since then the host's alone. So the host's is the only entry, and all
 * others are its sub-architectures.
 * What iSulad's profiles have no field for (`errnoRet`, flags, the listener) is not in it. Source: iSulad's
 * specs_security.c.
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
