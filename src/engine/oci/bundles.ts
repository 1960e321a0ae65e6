import { totalmem } from 'node:os';
import { join } from 'node:path';
import { RUN_VARIABLE } from '../../process/processes.js';
import { PAYLOAD_MODES, isProgram } from '../../model/container/program.js';
import type { ArmSpec, EngineFacts, EngineParts } from '../../model/container/container.js';
import { contained, limitsByCgroup } from '../../model/container/containment.js';
import type { Containment } from '../../model/container/containment.js';
import type { ContainerProgram, Inside } from '../../model/container/program.js';
import { writeArmFile } from '../arm-file.js';
import { notPrepared } from '../failures.js';
import { ociConfig } from './config.js';
import { composeRoot } from '../program-root.js';
import { nameOfInside } from '../programs.js';

const PAYLOAD_IN_SCRATCH = '/tmp/.payload';

/** The bundles of an OCI runtime: one per arm and payload mode, and one for each program an arm is asked to run. */
export class OciBundles {
  readonly folder: string;
  readonly rootfs: string;
  /** Roots composed from a caller's root. */
  readonly roots: string;
  readonly #parts: EngineParts;
  readonly #rootless: boolean;
  /** What its containers are held by. */
  readonly containment: Containment;
  readonly #arms = new Map<string, ArmSpec>();
  readonly #written = new Set<string>();
  #rootfsReady = false;

  constructor(parts: EngineParts, { rootless, containment }: Pick<EngineFacts, 'rootless' | 'containment'>) {
    this.#parts = parts;
    this.#rootless = rootless;
    this.containment = containment ?? contained(limitsByCgroup(totalmem()));
    this.folder = join(parts.workspace, 'bundles');
    this.rootfs = join(parts.workspace, 'rootfs');
    this.roots = join(parts.workspace, 'roots');
  }

  /** Writes the bundles of an arm, replacing those of an arm with the same name. Throws `environment`. */
  async prepare(arm: ArmSpec): Promise<void> {
    if (!this.#rootfsReady) await this.#parts.writeRootfs(this.rootfs);
    this.#rootfsReady = true;
    this.#arms.set(arm.name, arm);
    this.#written.clear();
    for (const mode of PAYLOAD_MODES)
      writeArmFile(join(this.place(arm.name, mode), 'config.json'), this.config(arm, mode));
  }

  /** The folder of a bundle, whether it exists or not. */
  place(arm: string, inside: Inside): string {
    return join(this.folder, arm, nameOfInside(inside));
  }

  /** The folder of a bundle that exists: a program's is written on first use, before anything is timed. */
  ready(arm: string, inside: Inside): string {
    const bundle = this.place(arm, inside);
    if (!isProgram(inside) || this.#written.has(bundle)) return bundle;
    writeArmFile(join(bundle, 'config.json'), this.config(this.arm(arm), inside));
    this.#written.add(bundle);
    return bundle;
  }

  /** `undefined` for an arm that is not prepared. */
  find(name: string): ArmSpec | undefined {
    return this.#arms.get(name);
  }

  arm(name: string): ArmSpec {
    const arm = this.find(name);
    if (arm === undefined) throw notPrepared(name);
    return arm;
  }

  config(arm: ArmSpec, inside: Inside): string {
    const mode = isProgram(inside) ? this.located(inside) : inside;
    const rootless = this.#rootless ? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 } : null;
    return ociConfig(arm, { rootfs: this.rootfs, mode, rootless, env: this.env, containment: this.containment });
  }

  get env(): readonly string[] {
    return [`${RUN_VARIABLE}=${this.#parts.runId}`];
  }

  /**
   * A runtime creates mount points in the root it gets, so it never gets a caller's root. That has no payload either:
   * the payload is bound into the scratch space.
   */
  located(program: ContainerProgram): ContainerProgram {
    if (program.rootfs === undefined) return program;
    const { folder, binds } = composeRoot(join(this.roots, nameOfInside(program)), program);
    const placed = { ...program, rootfs: folder, binds };
    return program.isPayload === true ? this.#withPayload(placed) : placed;
  }

  #withPayload(program: ContainerProgram): ContainerProgram {
    return {
      ...program,
      args: [PAYLOAD_IN_SCRATCH, ...program.args.slice(1)],
      binds: [...program.binds, { source: this.#parts.payload.payload, target: PAYLOAD_IN_SCRATCH }],
    };
  }
}
