import { machine } from 'node:os';
import { buildFilter } from '../../../src/filter/index.js';
import type { FilterMaking } from '../../../src/model/filter/filter-making.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';

/** Allows all but some calls, so that every loader passes; long enough that a tree looks different. */
export const SPEC: SeccompSpec = {
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [
    {
      names: [
        'kexec_load',
        'swapon',
        'swapoff',
        'acct',
        'reboot',
        'sethostname',
        'setdomainname',
        'quotactl',
        'init_module',
        'delete_module',
        'pivot_root',
      ],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: 38,
    },
  ],
};

/** What identifies the filter that a making gives. */
export const facts = (making: FilterMaking = {}) => {
  const { instructions, sha256 } = buildFilter(SPEC, machine(), making);
  return { instructions, sha256 };
};
