// OCI runtimes that misbehave: lines of shell in front of one that answers as it should.
import { join } from 'node:path';

export const FAKE = join(import.meta.dirname, '../../test/fixtures/fake-runtime.sh');

/** What a call of the runtime does instead of its work. */
const DEEDS = {
  'exits with 1': 'echo "it failed" >&2; exit 1',
  'exits with 0 and does nothing': 'exit 0',
  'exits with 255 and says nothing': 'exit 255',
  'dies of SIGSEGV': 'kill -SEGV $$',
  hangs: 'exec sleep 600',
  'hangs and ignores SIGTERM': 'trap "" TERM INT HUP; exec sleep 600',
  'ends and leaves its output open': 'sleep 600 & exit 0',
  'prints random bytes': 'head -c 4096 /dev/urandom; head -c 4096 /dev/urandom >&2; exit 0',
  'fails with random bytes': 'head -c 4096 /dev/urandom >&2; exit 1',
  'prints 100 MB': 'head -c 104857600 /dev/zero | tr "\\0" x; exit 0',
  'fails with 100 MB': 'head -c 104857600 /dev/zero | tr "\\0" x >&2; exit 1',
  'prints without end': 'exec yes',
  'fails with control characters': 'printf "\\033[2J\\033]0;t\\007\\r\\b\\000\\342\\200\\256gnp.exe\\n" >&2; exit 1',
  'prints JSON of another shape': 'echo \'[null,7,{"id":null},{"id":{"a":1}},[[]]]\'; exit 0',
  'prints half of a JSON document': 'printf \'[{"id":"sb-\'; exit 0',
  'prints null': 'echo null; exit 0',
};

/** A call with the verb, of every container or only of those in the second block. */
const calls = (verb) =>
  ['--version', 'features', 'list'].includes(verb)
    ? { [`runtime ${verb}`]: `*" ${verb} "*` }
    : { [`runtime ${verb}`]: `*" ${verb} "*`, [`runtime ${verb} in block 1`]: `*" ${verb} "*-b1-*` };

/** Verbs of the runtime, and how bench has to start containers for them to be used. */
const VERBS = { '--version': [], features: [], list: [], run: [], create: ['--stages'], start: ['--stages'], kill: [] };

/** In the second block's first container, after which the run goes on with what that left. */
const once = (script) => `case "$*" in *" run "*-b1-0-*) ${script} ;; esac`;
const always = (pattern, script) => `case " $* " in ${pattern}) ${script} ;; esac`;
/** Puts another file in the runtime's place, made by shell. */
const becomes = (script) => once(`${script} > "$0.new"; chmod +x "$0.new"; mv "$0.new" "$0"`);
const SLOWER = `{ echo "#!/bin/sh"; echo sleep 0.05; echo exec ${FAKE} '"$@"'; }`;
const MANY_IDS = `printf '['; seq -f '{"id":"c%.0f"},' 100000; echo '{"id":"z"}]'; exit 0`;

/** TMP is the folder for temporary files of the run. */
const OTHERS = {
  'deletes itself': once('rm -f "$0"'),
  'is not executable any more': once('chmod -x "$0"'),
  'becomes another program': becomes('printf "#!/bin/sh\\nexit 0\\n"'),
  'becomes one that is slower': becomes(SLOWER),
  'becomes random bytes': becomes('head -c 4096 /dev/urandom'),
  'becomes a folder': once('rm -f "$0"; mkdir "$0"; exit 1'),
  'tells another version each time': always('*" --version "*', 'echo "fake $(date +%N)"; exit 0'),
  'deletes the bundles': once('rm -rf TMP/seccomp-bench-*/*/bundles'),
  'deletes the workspace': once('rm -rf TMP/seccomp-bench-*/*'),
  'deletes owner.json': once('rm -f TMP/seccomp-bench-*/*/owner.json'),
  'deletes the results folder': once('rm -rf TMP/../results/*'),
  'puts a folder in the place of the samples': once(
    'for f in TMP/../results/*/samples.jsonl; do mv "$f" "$f.old"; mkdir "$f"; done',
  ),
  'stops itself': once('kill -STOP $$'),
  'starts 200 processes that stay': once('for i in $(seq 200); do sleep 600 & done'),
  'writes 100,000 files': once('cd TMP/seccomp-bench-*/* && mkdir many && cd many && seq 100000 | xargs touch'),
  'links its state to /': once('ln -s / TMP/seccomp-bench-0/*/state/link'),
  'does not remove containers': always('*" delete "*', 'exit 0'),
  'lists a container that it does not delete': `${always('*" delete "*', 'exit 1')}
${always('*" list "*', 'echo \'[{"id":"left"}]\'; exit 0')}`,
  'lists 100,000 containers': always('*" list "*', MANY_IDS),
};

/** Every fault of a runtime, as lines of shell that see its arguments. */
export const RUNTIME_FAULTS = [
  ...Object.entries(VERBS).flatMap(([verb, args]) =>
    Object.entries(calls(verb)).flatMap(([when, pattern]) =>
      Object.entries(DEEDS).map(([deed, script]) => ({
        kind: `runtime ${verb}`,
        name: `${when} ${deed}`,
        lines: `case " $* " in ${pattern}) ${script} ;; esac`,
        args,
      })),
    ),
  ),
  ...Object.entries(OTHERS).map(([name, lines]) => ({
    kind: 'runtime changes meanwhile',
    name: `runtime ${name}`,
    lines,
    args: [],
  })),
];
