// A process that builds one filter: a job comes on standard input, the reply goes to standard output.
import { readFileSync, writeSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { BenchError } from '../../../errors.js';
import { libc } from '../../../process/libc.js';
import { buildInProcess } from '../build.js';
import { buildLxcInProcess } from '../lxc.js';
import type { BuildJob, BuildReply } from './apart.js';

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

function work(job: BuildJob): BuildReply {
  try {
    const built =
      job.kind === 'spec'
        ? buildInProcess(job.spec, job.machine, job.options)
        : buildLxcInProcess(job.policy, job.name, job.machine, job.options);
    return { built };
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    const { code, message, hint } = error;
    return { refused: { code, message, hint } };
  }
}

// libseccomp may never come back: this process ends with the one that waits for it.
libc().prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
const reply = serialize(work(deserialize(readFileSync(0)) as BuildJob));
for (let written = 0; written < reply.length;) written += writeSync(1, reply, written);
