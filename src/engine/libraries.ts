import { BenchError } from '../errors.js';
import type { LaunchCommand, MountView } from '../model/container/container.js';
import { linkedLibrary } from '../process/library/linked.js';
import type { LinkedLibrary } from '../process/library/linked.js';
import { readElf } from '../process/library/elf.js';
import { ReplacedFile } from '../process/mount-namespace.js';
import { isRoot } from './environment.js';

const LIBRARY = 'libseccomp.so.2';
const HINT = 'Use --engine namespaces, which loads any libseccomp, or a runtime that is linked with libseccomp.so.2.';

export interface LibraryUser {
  /** Absolute path. */
  readonly runtime: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Other libseccomps for arms of one runtime: each arm's runtime starts in a mount namespace where the library's file is
 * the arm's. An environment variable would not do: runc builds the filter in a process of its own that gets none.
 */
export class RuntimeLibraries implements Disposable {
  readonly #user: LibraryUser;
  readonly #byLibrary = new Map<string, ReplacedFile>();
  readonly #byArm = new Map<string, MountView>();

  constructor(user: LibraryUser) {
    this.#user = user;
  }

  /** For `command`. Throws `usage` or `environment` where the runtime cannot have this library. */
  async prepare({ name, libseccomp }: { readonly name: string; readonly libseccomp?: string }): Promise<void> {
    this.#byArm.delete(name);
    if (libseccomp === undefined) return;
    const known = this.#byLibrary.get(libseccomp) ?? new ReplacedFile(await this.#own(name), libseccomp);
    this.#byLibrary.set(libseccomp, known);
    this.#byArm.set(name, known);
  }

  /** What a command of an arm has to have. */
  of(arm: string): Pick<LaunchCommand, 'mounts'> {
    const mounts = this.#byArm.get(arm);
    return mounts === undefined ? {} : { mounts };
  }

  /** The runtime's own library. */
  async #own(arm: string): Promise<string> {
    const { runtime, env } = this.#user;
    const linked = await linkedLibrary(runtime, LIBRARY, env);
    if (linked.kind !== 'shared') {
      const reason = reasonFor(linked, runtime);
      throw new BenchError('usage', `arm ${arm}: ${runtime} cannot load another libseccomp: ${reason}`, { hint: HINT });
    }
    if (isRoot()) return linked.path;
    throw new BenchError('environment', `arm ${arm}: another libseccomp for ${runtime} requires root`, {
      hint: 'Use sudo, or --engine namespaces.',
    });
  }

  [Symbol.dispose](): void {
    for (const namespace of this.#byLibrary.values()) namespace[Symbol.dispose]();
    this.#byLibrary.clear();
    this.#byArm.clear();
  }
}

function reasonFor(linked: Exclude<LinkedLibrary, { readonly kind: 'shared' }>, runtime: string): string {
  if (linked.kind === 'unknown') return linked.reason;
  return readElf(runtime)?.interpreter === undefined ? 'it is a static program' : `it is not linked with ${LIBRARY}`;
}
