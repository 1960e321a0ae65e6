// The job in the guest: checks the programs it was given, makes the calls it was ordered to make, and writes all it saw
// to /out/status.json.
// The host's verdict rests on that file alone, so it says `running` until the very last step is through.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';

const APP = '/job/app';
const orders = JSON.parse(readFileSync('/job/orders.json', 'utf8'));
/**
 * @type {{ state: string, machine: object, programs: object[], calls: object[], left: string[] }}
 */
const status = { state: 'running', machine: machine(), programs: [], calls: [], left: [] };

/** Whole or not at all: the machine may be stopped at any moment. */
function write() {
  writeFileSync('/out/status.new', `${JSON.stringify(status, null, 1)}\n`);
  renameSync('/out/status.new', '/out/status.json');
}

function tell(line) {
  writeFileSync('/dev/console', `guest: ${line}\n`);
}

function machine() {
  const [own] = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
  return {
    machine: os.machine(),
    kernel: os.release(),
    node: process.version,
    nodeArchitecture: process.arch,
    processors: os.cpus().length,
    cgroup: own,
    cgroupType: /^\S+ \/sys\/fs\/cgroup (\S+)/m.exec(readFileSync('/proc/self/mounts', 'utf8'))?.[1] ?? null,
    controllers: readFileSync('/sys/fs/cgroup/cgroup.controllers', 'utf8').trim().split(' '),
  };
}

/** The programs of this machine as they lie here, beside what the repository records of them. */
function programs() {
  const lines = readFileSync(join(APP, 'payload/bin/COMPILERS.tsv'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`${os.machine()}/`));
  return lines.map((line) => {
    const [path, recorded] = line.split('\t');
    const file = join(APP, 'payload/bin', path);
    return {
      path,
      recorded,
      found: existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : null,
    };
  });
}

/** ENOENT and so on. @param {NodeJS.ErrnoException | undefined} error */
const errnoOf = (error) => error?.code;

function call({ name, args, results }) {
  const index = String(status.calls.length).padStart(2, '0');
  const [out, err] = [`/out/calls/${index}.stdout`, `/out/calls/${index}.stderr`];
  const [outFile, errFile] = [openSync(out, 'w'), openSync(err, 'w')];
  const folders =
    results === undefined
      ? []
      : readdirSync(results.folder)
          .filter((folder) => folder.includes(results.like))
          .sort()
          .map((folder) => join(results.folder, folder));
  const started = process.hrtime.bigint();
  const {
    status: exitCode,
    signal,
    error,
  } = spawnSync(process.execPath, [join(APP, 'dist/cli.js'), ...args, ...folders], {
    cwd: '/job',
    stdio: ['ignore', outFile, errFile],
    timeout: orders.callLimitMs,
    killSignal: 'SIGKILL',
  });
  closeSync(outFile);
  closeSync(errFile);
  const seconds = Math.round(Number(process.hrtime.bigint() - started) / 1e8) / 10;
  const end = errnoOf(error) ?? signal ?? `exit code ${exitCode}`;
  status.calls.push({ name, command: ['bench', ...args, ...folders], end, exitCode, seconds, files: [out, err] });
  write();
  tell(`${name}: ${end}, ${seconds} s`);
}

/** What runs may leave: cgroups, mounts, processes, folders. */
function left() {
  const groups = readdirSync('/sys/fs/cgroup', { recursive: true, encoding: 'utf8' }).filter((name) =>
    /sb-[0-9a-f]/.test(name.slice(name.lastIndexOf('/') + 1)),
  );
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => /sb-[0-9a-f]|seccomp-bench/.test(path));
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const comm = existsSync(`/proc/${pid}/comm`) ? readFileSync(`/proc/${pid}/comm`, 'utf8').trim() : '';
      return /^(?:payload|loader|gate|probe32|bpf-build|runc|crun)\b/.test(comm) ? [`${pid} ${comm}`] : [];
    });
  const folders = readdirSync('/tmp').filter((name) => name.startsWith('seccomp-bench'));
  return [
    ...groups.map((name) => `cgroup ${name}`),
    ...mounts.map((name) => `mount ${name}`),
    ...processes.map((name) => `process ${name}`),
    ...folders.map((name) => `folder ${name}`),
  ];
}

mkdirSync('/out/calls');
mkdirSync('/out/results');
for (const [name, text] of Object.entries(orders.files)) writeFileSync(join('/job', name), text);
status.programs = programs();
write();
for (const order of orders.calls) call(order);
status.left = left();
status.state = 'finished';
write();
