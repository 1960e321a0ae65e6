// Runs the command line on a folder of inputs that once fell short, each with its right answer.
// Use: node scripts/check-cases.mjs FOLDER. Exit code 1 where an answer is wrong.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cli = resolve(import.meta.dirname, '../dist/cli.js');
const LIMIT_MS = 60_000;

const [folder] = process.argv.slice(2);
if (folder === undefined || !existsSync(folder)) {
  process.stderr.write('check-cases: the folder of the cases is required\n');
  process.exit(2);
}

/** An arm that is refused before anything is started. */
const armOf = (file) => ['sequential', '--count', '2', '--engine', 'namespaces', '--arms', 'unconfined', '--arm', file];

/**
 * Arguments (a file's name is one word), exit code, what both outputs together match, what they do not.
 *
 * @type {readonly (readonly [readonly string[], number, RegExp, RegExp | null])[]}
 */
const CASES = [
  [['convert', 'oci-config-with-archmap.json'], 0, /read as an OCI config\.json; ignored: .*archMap/, /AARCH64|X32/],
  [['inspect', 'oci-config-with-archmap.json', '--call', 'clone'], 0, /clone, call 56 of x86_64: ALLOW/, null],
  [armOf('mine=oci-config-with-archmap.json'), 0, /mine +native only .* instructions loaded/, null],
  [['convert', 'oci-seccomp-with-archmap.json', '--explain'], 0, /an OCI runtime would ignore archMap/, null],
  [['convert', 'oci-seccomp-with-archmap.json', '--read-as', 'oci'], 0, /"names":\["clone"\],"action"/, /AARCH64|X32/],
  [['convert', 'firecracker.json'], 2, /Firecracker's seccompiler/, null],
  [['inspect', 'firecracker.json'], 2, /Firecracker's seccompiler/, null],
  [['exact', 'firecracker.json'], 2, /Firecracker's seccompiler/, null],
  [['build', 'firecracker.json'], 2, /Firecracker's seccompiler/, null],
  [armOf('mine=firecracker.json'), 2, /Firecracker's seccompiler/, null],
  [armOf('mine=wrapped-in-spec.json'), 2, /has one inside, at spec/, null],
  [['convert', 'not-a-profile-package.json'], 2, /neither "defaultAction" nor "syscalls"/, null],
  [armOf('mine=empty-object.json'), 2, /disables seccomp/, null],
  [['exact', 'null.json'], 2, /disables seccomp/, null],
  [['convert', 'null.json', '--lenient'], 0, /null/, null],
  [['convert', 'kubernetes-seccompprofile.yaml'], 0, /"defaultAction":"SCMP_ACT_LOG".*"read","write"/s, null],
  [['inspect', 'lxc-v1.seccomp'], 0, /read as an LXC policy, version 1/, null],
  [['inspect', 'lxc-v2.seccomp'], 2, /expected a rule that LXC can load, got one for kexec_load/, null],
  [['inspect', 'lxc-v2-deny.seccomp'], 0, /read as an LXC policy, version 2.*Return 0 and do nothing: 1/s, null],
  [['inspect', 'raw-10.bpf'], 0, /10 instructions.*knows x86_64.*architectures get KILL.*x32.*KILL/s, null],
  [
    ['inspect', 'raw-10.bpf', '--sort', 'denied'],
    0,
    /init_module.*EPERM.*kexec_load.*EPERM|kexec_load.*EPERM.*init_module.*EPERM/,
    null,
  ],
  [['inspect', 'raw-truncated.bpf'], 2, /77 bytes are not a multiple of 8/, null],
  [armOf('mine=raw-10.bpf'), 0, /a raw BPF filter .* 10 instructions loaded/, null],
  [['exact', 'explicit-foreign-list.json'], 0, /BPF instructions .*125 .*\(−35 %\)/, null],
  [['inspect', 'default-log.json'], 0, /Logged: \d+/, /Denied/],
  [['inspect', 'default-kill.json'], 0, /Denied: \d+ killed/, null],
  [['inspect', 'default-kill-process.json'], 0, /Denied: \d+ killed/, null],
  [['inspect', 'default-trap.json'], 0, /Denied: \d+ trapped/, null],
  [['inspect', 'default-trace.json'], 0, /Denied: \d+ left to a tracer/, null],
  [
    ['convert', 'deny-list-with-typo.json', '--explain'],
    0,
    /kexec_fileload.*stays open.*ACCT.*stays open.*163.*stays open/s,
    null,
  ],
  [['inspect', 'errno-0.json'], 0, /Return 0 and do nothing: 3/, /Denied/],
  [['inspect', 'errno-above-16-bits.json'], 0, /65549/, null],
  [['inspect', 'errno-above-16-bits.json', '--call', 'acct'], 0, /ERRNO\(EACCES\)/, null],
  [['inspect', 'dead-mask.json'], 0, /clone.*no effect.*socketcall.*pointer/s, null],
  [
    ['sequential', '--engine', 'runc', '--arms', 'unconfined,after', '--profile', 'no-exit-allowed.json'],
    2,
    /exit and exit_group are not allowed/,
    null,
  ],
  [
    ['sequential', '--engine', 'runc', '--arms', 'unconfined,after', '--profile', 'notify-with-listener.json'],
    2,
    /nobody listens at \/run\/nobody-listens\.sock/,
    null,
  ],
  [
    [
      'sequential',
      '--engine',
      'runc',
      '--arms',
      'unconfined,after',
      '--profile',
      'flag-unknown-to-older-runtimes.json',
    ],
    2,
    /does not load the flag SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV/,
    null,
  ],
  [['convert', 'isulad-minkernel-4.8.0.json', '--dialect', 'isulad'], 0, /"read"/, null],
  [['convert', 'isulad-loong64.json', '--dialect', 'isulad', '--arch', 'amd64'], 0, /"read"/, null],
  [['syscalls', 'diff', 'strace-decimal-comma.txt', 'strace-decimal-comma.txt', '--json'], 0, /500/, null],
  [
    ['syscalls', 'diff', 'strace-two-tables.md', 'strace-two-tables.md'],
    2,
    /2 tables of system calls, at lines 3, 13/,
    null,
  ],
  [
    ['syscalls', 'diff', 'strace-two-tables.md#1', 'strace-two-tables.md#2'],
    0,
    /3 of 3 calls have the same count/,
    null,
  ],
  [['syscalls', 'diff', 'strace-files-only.txt', 'strace-files-only.txt'], 0, /only calls on files were counted/, null],
  [
    ['syscalls', 'diff', 'perf-trace-bpf-summary-total.txt', 'perf-trace-bpf-summary-total.txt', '--json'],
    0,
    /1404[\s\S]*1420|1420[\s\S]*1404/,
    null,
  ],
];

/** On one line: where a text is wrapped depends on its width. */
const plain = (text) => text.replace(/\s+/g, ' ');

async function answerOf(args, cwd) {
  const words = args.map((word) => {
    const [, before, file = ''] = /^((?:\w+=)?)([^#]*)/.exec(word) ?? [];
    const path = resolve(folder, file);
    return file.includes('.') && existsSync(path) ? `${before}${path}${word.slice((before + file).length)}` : word;
  });
  const limits = { cwd, timeout: LIMIT_MS, maxBuffer: 1e8 };
  try {
    const { stdout, stderr } = await run(process.execPath, [cli, ...words], limits);
    return { code: 0, text: stderr + stdout };
  } catch (error) {
    return { code: error.code, text: `${error.stderr ?? ''}${error.stdout ?? ''}` };
  }
}

const isMissing = (args) =>
  args.includes('runc') && !(process.env.PATH ?? '').split(':').some((one) => existsSync(join(one, 'runc')));

const cwd = mkdtempSync(join(tmpdir(), 'bench-cases-'));
let [passed, failed, skipped] = [0, 0, 0];
for (const [args, code, wanted, unwanted] of CASES) {
  if (isMissing(args)) {
    skipped += 1;
    process.stdout.write(`skipped: bench ${args.join(' ')}: runc is not installed\n`);
    continue;
  }
  const answer = await answerOf(args, cwd);
  if (answer.code === code && wanted.test(plain(answer.text)) && !(unwanted?.test(plain(answer.text)) ?? false))
    passed += 1;
  else {
    failed += 1;
    process.stdout.write(`WRONG: bench ${args.join(' ')}: exit code ${answer.code}\n${answer.text.slice(0, 600)}\n`);
  }
}
rmSync(cwd, { recursive: true, force: true });
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = failed === 0 ? 0 : 1;
