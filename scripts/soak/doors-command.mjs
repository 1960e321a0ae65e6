// What comes from outside, given to commands as a person starts them.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { writeChecksums } from '#built/results/checksums.js';
import { endFault } from '../shared/ends.mjs';
import { hostileJson, HOSTILE_TEXTS, oneOf } from '../fuzz/values.mjs';
import { copyOf } from './doors-here.mjs';
import { FAKE } from './runtime-faults.mjs';

const EXAMPLE = join(import.meta.dirname, '../../results/example-x86_64-runc');
const RUN = ['sequential', '--blocks', '1', '--warmup', '0', '--no-report', '--engine', 'oci'];
/** Options whose values are texts, numbers or lists. */
const OPTIONS = [
  ...['--blocks', '--arms', '--arm', '--profile', '--caps', '--kernel', '--seed', '--pin', '--timeout', '--warmup'],
  ...['--pause', '--margin', '--until', '--budget', '--max-failures', '--results', '--read-as', '--max-size', '--host'],
];
const LIMIT_MS = 120_000;
const MOST_MIB = 400;

/** argv and names of files have no NUL, and no name is longer than 255 bytes. */
const word = (draw) => oneOf(HOSTILE_TEXTS, draw).replaceAll('\0', '').slice(0, 60_000);
const nameFrom = (draw) => word(draw).replaceAll('/', '_').slice(0, 200) || 'empty';

/** Runs bench and says what is wrong with its end. Exit code 1: containers may fail. */
async function judged(place, args, env = {}) {
  const end = await place.run(args, { env, limitMs: LIMIT_MS });
  return { fault: faultOf(end), read: end.status === 0, end };
}

function faultOf(end) {
  if (end.hung) return `did not end within ${LIMIT_MS / 1000} s`;
  const text = `${end.stdout}${end.stderr}`;
  if (/TypeError|RangeError|ERR_[A-Z]/.test(text)) return `an inner error: ${text.slice(-400)}`;
  if (/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e]/.test(text)) return 'control characters in its words';
  if (end.usage !== null && end.usage.mib > MOST_MIB) return `${Math.round(end.usage.mib)} MiB`;
  return endFault(end, [0, 1, 2]);
}

/** An option's value. */
export async function optionDoor({ draw, keep, place }) {
  const option = oneOf(OPTIONS, draw);
  const args = [...RUN, '--runtime', FAKE, `${option}=${word(draw)}`];
  keep('arguments', Buffer.from(JSON.stringify(args)));
  return judged(place, args);
}

/** The name of an arm, of a report. */
export async function nameDoor({ draw, keep, place }) {
  const name = word(draw);
  const args =
    draw(0, 1) === 0
      ? [...RUN, '--runtime', FAKE, '--arm', `${name}=docker`]
      : ['report', EXAMPLE, '--name', name, '--quiet'];
  keep('arguments', Buffer.from(JSON.stringify(args)));
  return judged(place, args);
}

/** What a runtime tells of its version and features. */
export async function versionDoor({ draw, keep, place }) {
  const [version, features] = [oneOf(HOSTILE_TEXTS, draw), oneOf(HOSTILE_TEXTS, draw)];
  const [versionFile, featuresFile] = ['version', 'features'].map((name) => join(place.folder, name));
  writeFileSync(versionFile, `runc version ${version}\n${version}`);
  writeFileSync(featuresFile, draw(0, 1) === 0 ? features : hostileJson(FEATURES, draw));
  const runtime = join(place.folder, 'runtime.sh');
  writeFileSync(
    runtime,
    `#!/bin/sh\ncase "$*" in --version) exec cat ${versionFile} ;; features) exec cat ${featuresFile} ;; esac\n` +
      `exec ${FAKE} "$@"\n`,
  );
  chmodSync(runtime, 0o755);
  keep('version', readFileSync(versionFile));
  return judged(place, [...RUN, '--runtime', runtime]);
}
const FEATURES = JSON.stringify({
  ociVersionMin: '1.0.0',
  linux: { seccomp: { enabled: true, actions: ['SCMP_ACT_ALLOW'], archs: ['SCMP_ARCH_X86_64'] } },
  annotations: { 'org.opencontainers.runc.version': '1.1.5', 'io.github.seccomp.libseccomp.version': '2.5.4' },
});

/** owner.json of a run that is dead, beside a link that leads out of its workspace. */
export async function ownerDoor({ draw, keep, place }) {
  const parent = join(place.tmp, `seccomp-bench-${userInfo().uid}`);
  const workspace = join(parent, 'sb-0badf00d');
  const outside = join(place.folder, 'outside');
  for (const folder of [workspace, outside]) mkdirSync(folder, { recursive: true });
  chmodSync(parent, 0o700);
  writeFileSync(join(outside, 'canary'), 'alive');
  symlinkSync(outside, join(workspace, 'state'));
  const bytes = Buffer.from(hostileJson(JSON.stringify(OWNER), draw));
  writeFileSync(join(workspace, 'owner.json'), bytes);
  keep('owner.json', bytes);
  const { fault, ...rest } = await judged(place, ['clean']);
  if (!existsSync(join(outside, 'canary'))) return { ...rest, fault: 'removed a file outside the workspace' };
  return { ...rest, fault };
}
const OWNER = {
  runId: 'sb-0badf00d',
  pid: 4_194_303,
  startTicks: 1,
  runtime: '/nowhere/runc',
  daemon: { host: 'unix:///nowhere/S', tlsDir: null },
  service: { kind: 'containerd', program: '/nowhere/ctr', address: '/nowhere/S' },
};

/** Results of a fleet: names of nodes, and one damaged document. */
export async function nodeDoor({ draw, keep, place }) {
  const node = nameFrom(draw);
  const from = join(place.folder, 'from');
  const folder = copyOf(EXAMPLE, join(from, node, 'one'));
  const plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'));
  writeFileSync(join(folder, 'plan.json'), JSON.stringify({ ...plan, node: word(draw) }));
  const name = oneOf(
    readdirSync(folder).filter((file) => file.endsWith('.json')),
    draw,
  );
  const bytes = Buffer.from(hostileJson(readFileSync(join(folder, name), 'utf8'), draw));
  if (draw(0, 1) === 0) writeFileSync(join(folder, name), bytes);
  writeChecksums(folder);
  keep(name, bytes);
  return judged(place, ['fleet', '--from', from, '--quiet']);
}
