// What changed from one profile to another, for all system-call numbers and arguments; nothing is run.
//
// node compare-filters.js [old.json new.json]: files in any form, or names such as docker@v0.2.0
import { text } from 'node:stream/consumers';
import {
  buildFilter,
  byteOrderOfName,
  compareFilters,
  convertProfile,
  hostConversion,
  rawFilter,
  readSource,
  Simulator,
  toLoadable,
} from 'seccomp-bench';

const [before = 'docker@v0.2.0', after = 'docker@v0.2.1'] = process.argv.slice(2);
const MACHINE = 'x86_64';

/** The filter of a file: built by libseccomp from its rules, or as it is. */
async function filterOf(file: string): Promise<Simulator> {
  const place = { cwd: process.cwd(), stdin: async () => Buffer.from(await text(process.stdin)) };
  const source = await readSource(file, place, { lenient: false });
  if (source.kind === 'raw') return rawFilter(source, byteOrderOfName(MACHINE));
  if (source.kind === 'lxc') throw new Error(`${file} is an LXC policy`);
  const { spec } = convertProfile(source.profile, { ...hostConversion({ policy: 'host' }), arch: 'amd64' });
  const loadable = toLoadable(spec, { machine: MACHINE });
  if (loadable.spec === null) throw new Error(`${file} has no rules`);
  const { program, order } = buildFilter(loadable.spec, MACHINE);
  return new Simulator(program, order);
}

const diff = compareFilters([await filterOf(before)], [await filterOf(after)], MACHINE);
for (const { arch, calls } of diff.architectures)
  for (const { name, changes } of calls)
    for (const { kind, before: was, after: is, example } of changes)
      console.log(`${kind}: ${name} (${arch}): ${was} -> ${is}, for example with ${String(example.args)}`);
console.log(diff.proof.state === 'sampled' ? diff.proof.why.join('; ') : 'proved for all numbers and arguments');
