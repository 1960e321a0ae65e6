// Files of every form that bench reads, and ways to damage them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultProfile } from '#built/profile/default.js';

const FIXTURES = join(import.meta.dirname, '../../test/fixtures');
const fixture = (name) => readFileSync(join(FIXTURES, name));
const json = (value) => Buffer.from(JSON.stringify(value, null, 1));

const RULES = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 1,
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  syscalls: [
    { names: ['read', 'write', 'exit_group'], action: 'SCMP_ACT_ALLOW' },
    {
      names: ['personality'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: 4294967295, valueTwo: 8, op: 'SCMP_CMP_MASKED_EQ' }],
    },
    { names: ['socket'], action: 'SCMP_ACT_ERRNO', errnoRet: 97, args: [{ index: 0, value: 40, op: 'SCMP_CMP_EQ' }] },
  ],
};
const KUBERNETES = `apiVersion: security-profiles-operator.x-k8s.io/v1beta1
kind: SeccompProfile
metadata:
  name: one
spec:
  defaultAction: SCMP_ACT_ERRNO
  syscalls:
    - action: SCMP_ACT_ALLOW
      names: [read, write]
---
kind: SeccompProfile
metadata: {name: two}
spec: &a
  defaultAction: SCMP_ACT_ALLOW
`;
const LXC = '2\ndenylist errno 1\n[all]\nkexec_load\nmount errno 22\n[x86]\nsocket [0,40,SCMP_CMP_EQ]\n';
/** Allows all calls of x86_64 but one. */
const RAW = Buffer.from(
  '2000000004000000150000053e0000c0200000000000000015000200a500000015000100f6000000060000000000ff7f0600000001000500' +
    '0600000000000080',
  'hex',
);
const PERF = ` Summary of events:

 total, 30 events

   syscall            calls  errors  total       min       avg       max       stddev
                                     (msec)    (msec)    (msec)    (msec)        (%)
   --------------- --------  ------ -------- --------- --------- ---------     ------
   futex                 10      3   120.500     0.001     0.086     9.100      7.20%
   read                  20      0    80.250     0.000     0.057     4.010      5.10%
`;
const PROBES = '@[tracepoint:syscalls:sys_enter_read]: 5\n             1,234      syscalls:sys_enter_openat\n';

/** @type {readonly { name: string, bytes: Buffer, isTable: boolean }[]} */
export const SAMPLES = [
  ...Object.entries({
    docker: Buffer.from(defaultProfile().text),
    oci: json(RULES),
    config: json({ ociVersion: '1.0.2', process: {}, root: {}, linux: { seccomp: RULES } }),
    kubernetes: Buffer.from(KUBERNETES),
    firecracker: json({ main: { default_action: 'trap', filter_action: 'allow', filter: [{ syscall: 'read' }] } }),
    lxc1: Buffer.from('1\nallowlist\n0\n1\n60\n'),
    lxc2: Buffer.from(LXC),
    bpf: RAW,
    base64: Buffer.from(RAW.toString('base64')),
  }).map(([name, bytes]) => ({ name, bytes, isTable: false })),
  ...Object.entries({
    strace: fixture('strace/docker-run-default.txt'),
    straceColumns: fixture('strace/columns-all.txt'),
    straceLog: fixture('strace/log-and-table.txt'),
    perf: fixture('perf-trace-runc.txt'),
    perfTotal: Buffer.from(PERF),
    probes: Buffer.from(PROBES),
  }).map(([name, bytes]) => ({ name, bytes, isTable: true })),
];

const HARD = [
  '\0',
  '\u00ff\u00fe',
  '\u2028',
  '\u001b[31m',
  '\n'.repeat(300),
  '['.repeat(20_000),
  '{"a":'.repeat(5000),
  '- '.repeat(3000),
  '-'.repeat(60_000),
  '18446744073709551616',
  '-1',
  '1e400',
  'NaN',
  '"__proto__"',
  '&a [*a, *a]',
  '%',
  ' % time     seconds  usecs/call     calls    errors syscall\n',
  'total',
];

/**
 * The bytes with up to four changes: flipped, cut, doubled, mixed with another file, or with something hard inside.
 * @param {Buffer} bytes
 * @param {Buffer} other
 * @param {(low: number, high: number) => number} draw
 * @returns {Buffer}
 */
export function damaged(bytes, other, draw) {
  let result = Buffer.from(bytes);
  for (let left = draw(0, 4); left > 0; left--) result = damagedOnce(result, other, draw);
  return result;
}

function damagedOnce(bytes, other, draw) {
  const place = () => draw(0, bytes.length);
  const [from, to] = [place(), place()].sort((a, b) => a - b);
  const inserted = (more) => Buffer.concat([bytes.subarray(0, from), more, bytes.subarray(from)]);
  switch (draw(0, 7)) {
    case 0:
      return Buffer.from(bytes.map((byte) => (draw(0, Math.max(1, bytes.length >> 1)) === 0 ? draw(0, 255) : byte)));
    case 1:
      return bytes.subarray(0, from);
    case 2:
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
    case 3:
      return inserted(bytes.subarray(from, Math.min(to, from + 4000)));
    case 4:
      return Buffer.concat([bytes.subarray(0, from), other.subarray(draw(0, other.length))]);
    case 5:
      return inserted(Buffer.from(HARD[draw(0, HARD.length - 1)]));
    case 6:
      return Buffer.from(
        bytes.toString('latin1').replace(/\d+/g, (digits) => (draw(0, 9) === 0 ? String(draw(0, 2 ** 31)) : digits)),
        'latin1',
      );
    default:
      return Buffer.from(swappedLines(bytes.toString('latin1'), draw), 'latin1');
  }
}

function swappedLines(text, draw) {
  const lines = text.split('\n');
  const [a, b] = [draw(0, lines.length - 1), draw(0, lines.length - 1)];
  [lines[a], lines[b]] = [lines[b] ?? '', lines[a] ?? ''];
  return lines.join('\n');
}
