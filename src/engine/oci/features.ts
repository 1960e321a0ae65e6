import { plainLine } from '../../model/plain-text.js';
import { runTool } from '../../process/run-tool.js';
import type { RuntimeLimits } from '../../model/container/container.js';

/** What `RUNTIME --version` and `RUNTIME features` tell. */
export interface RuntimeDescription {
  /** First line of the version text. */
  readonly version: string;
  readonly isCrun: boolean;
  /** gVisor: containers have a kernel of their own in a sandbox. */
  readonly isGvisor: boolean;
  readonly limits: RuntimeLimits;
  /** Of libseccomp as the runtime reports it. */
  readonly libseccomp: string | null;
  /** false: built without seccomp. */
  readonly seccomp: boolean;
}

interface Features {
  readonly linux?: { readonly seccomp?: SeccompFeatures };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** `linux.seccomp` of features.json in the OCI runtime specification; each runtime fills in a part of it. */
interface SeccompFeatures {
  readonly enabled?: boolean;
  readonly archs?: readonly string[];
  readonly actions?: readonly string[];
  readonly knownFlags?: readonly string[];
  readonly supportedFlags?: readonly string[];
}

/** Bytes that `--version` may print: a few lines. */
const LARGEST_VERSION = 64 * 1024;
/** Characters of a version's first line that are kept. */
const LONGEST_VERSION = 200;

/**
 * Asks a runtime what it is and what it can load. A runtime without `features` (crun before 1.8.6, runc before 1.1)
 * leaves the limits open.
 */
export async function describeRuntime(
  runtime: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<RuntimeDescription> {
  const version = await runTool(runtime, ['--version'], { env, maxBytes: LARGEST_VERSION });
  const features = await runTool(runtime, ['features'], { env });
  return descriptionIn(version.stdout, features.stdout);
}

/** The same from the texts that `RUNTIME --version` and `RUNTIME features` print. */
export function descriptionIn(version: string, featuresText: string): RuntimeDescription {
  const features = parseFeatures(featuresText);
  return {
    version: plainLine(version.split('\n')[0] ?? '', LONGEST_VERSION),
    isCrun: /^crun\b/.test(version),
    isGvisor: /^runsc\b/.test(version),
    limits: limitsOf(version, features.linux?.seccomp),
    libseccomp:
      features.annotations?.['io.github.seccomp.libseccomp.version'] ??
      /libseccomp:\s*(\S+)/.exec(version)?.[1] ??
      null,
    seccomp: features.linux?.seccomp?.enabled ?? !/-SECCOMP\b/.test(version),
  };
}

function limitsOf(version: string, features: SeccompFeatures = {}): RuntimeLimits {
  const { archs, actions } = features;
  const flags = loadableFlags(version, features);
  return {
    ...(archs === undefined ? {} : { knownArchitectures: new Set(archs) }),
    ...(actions === undefined ? {} : { knownActions: new Set(actions) }),
    ...(flags === undefined ? {} : { loadableFlags: new Set(flags) }),
  };
}

/** Flags that crun passes on to the kernel since 1.7, whose `features` does not list them (its seccomp.c). */
const CRUN_FLAGS = ['TSYNC', 'SPEC_ALLOW', 'LOG', 'WAIT_KILLABLE_RECV'].map((name) => `SECCOMP_FILTER_FLAG_${name}`);

/**
 * The flags that a runtime loads here, as it says itself since runc 1.2; runc before that refuses a spec with any flag
 * (pull request 3390 added them). `undefined`: it is not known.
 */
function loadableFlags(
  version: string,
  { knownFlags, supportedFlags }: SeccompFeatures,
): readonly string[] | undefined {
  const listed = supportedFlags ?? knownFlags;
  if (listed !== undefined) return listed;
  const [, name, major = '', minor = ''] = /^(runc|crun) version (\d+)\.(\d+)/.exec(version) ?? [];
  const number = Number(major) * 1000 + Number(minor);
  if (name === 'runc') return number < 1002 ? [] : undefined;
  return name === 'crun' && number >= 1007 ? CRUN_FLAGS : undefined;
}

/** What of the text has the shape of features.json; the rest is as if it were not there. */
function parseFeatures(text: string): Features {
  const all = fieldsOf(parsed(text));
  const { enabled, archs, actions, knownFlags, supportedFlags } = fieldsOf(fieldsOf(all['linux'])['seccomp']);
  const lists = Object.entries({ archs, actions, knownFlags, supportedFlags }).flatMap(([name, value]) =>
    Array.isArray(value) ? [[name, textsIn(value)] as const] : [],
  );
  const annotations = Object.entries(fieldsOf(all['annotations'])).filter(([, value]) => typeof value === 'string');
  return {
    linux: { seccomp: { ...(typeof enabled === 'boolean' ? { enabled } : {}), ...Object.fromEntries(lists) } },
    annotations: Object.fromEntries(annotations),
  } as Features;
}

const textsIn = (list: readonly unknown[]): readonly unknown[] => list.filter((one) => typeof one === 'string');

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
