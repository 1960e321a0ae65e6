// What does a profile of one's own cost at a container's start, compared with no seccomp at all?
//
// Run as root: node own-profile-against-none.js [BLOCKS]
import { readFileSync, writeFileSync } from 'node:fs';
import {
  analyse,
  buildFilter,
  convertProfile,
  hostConversion,
  loadProfile,
  readResults,
  runExperiment,
  startsRequest,
} from 'seccomp-bench';

const blocks = Number(process.argv[2] ?? 30);

// A profile in Docker's format: everything is allowed but the calls that load code into the kernel.
const file = 'no-modules.json';
writeFileSync(
  file,
  JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['init_module', 'finit_module', 'kexec_load', 'bpf'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 }],
  }),
);

// What a runtime makes of it on this machine: an OCI spec, and from that the filter that the kernel runs.
const profile = loadProfile(readFileSync(file), file);
const { spec, leftOut } = convertProfile(profile, hostConversion());
if (spec === null) throw new Error(`${file} disables seccomp`);
const { instructions, sha256 } = buildFilter(spec);
console.log(
  `${String(instructions)} BPF instructions, SHA-256 ${sha256.slice(0, 12)}; left out: ${String(leftOut.length)}`,
);

// The first arm is the baseline. Profiles are given as paths, so that the results tell where they came from.
const request = startsRequest({
  engine: 'namespaces',
  arms: [
    { name: 'none', policy: 'unconfined' },
    { name: 'mine', policy: 'host', profile: file },
  ],
  blocks,
});
const { folders } = await runExperiment(request);

for (const folder of folders) {
  const cpu = analyse(readResults(folder)).comparisons.find(({ metric }) => metric === 'cpu');
  console.log(`CPU time of a start with ${file} against none: ${cpu?.verdict ?? 'not measured'}`);
}
