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
  readonly linux?: { readonly seccomp?: { readonly enabled?: boolean; readonly archs?: readonly string[] } };
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Asks a runtime what it is and what it can load. A runtime without `features` (crun before 1.8.2, runc before 1.1)
 * leaves the limits open.
 */
export async function describeRuntime(
  runtime: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<RuntimeDescription> {
  const version = await runTool(runtime, ['--version'], { env });
  const features = parseFeatures((await runTool(runtime, ['features'], { env })).stdout);
  const archs = features.linux?.seccomp?.archs;
  return {
    version: version.stdout.split('\n')[0]?.trim() ?? '',
    isCrun: /^crun\b/.test(version.stdout),
    isGvisor: /^runsc\b/.test(version.stdout),
    limits: archs === undefined ? {} : { knownArchitectures: new Set(archs) },
    libseccomp:
      features.annotations?.['io.github.seccomp.libseccomp.version'] ??
      /libseccomp:\s*(\S+)/.exec(version.stdout)?.[1] ??
      null,
    seccomp: features.linux?.seccomp?.enabled ?? !/-SECCOMP\b/.test(version.stdout),
  };
}

function parseFeatures(text: string): Features {
  try {
    return JSON.parse(text) as Features;
  } catch {
    return {};
  }
}
