import type { Service } from '../run/program/service.js';

/**
 * What the payload does inside: write "ok" and exit, write "ok" with the time of its first instruction, sleep until
 * killed, print its seccomp mode, or run 32-bit code.
 */
export const PAYLOAD_MODES = ['exit', 'stamp', 'sleep', 'seccomp', 'probe32'] as const;
export type PayloadMode = (typeof PAYLOAD_MODES)[number];

/** A folder or file of the host that is mounted in a container, read-only, with everything mounted below it. */
export interface BindMount {
  readonly source: string;
  /** Absolute, inside. */
  readonly target: string;
}

/** The user's program in a container of an arm, under its spec. */
export interface ContainerProgram {
  readonly kind: 'program';
  /** argv; the first is its path inside. */
  readonly args: readonly string[];
  /** NAME=VALUE; an engine adds the run's mark. */
  readonly env: readonly string[];
  readonly cwd: string;
  /** A folder of the host that is its root, read-only; default: the root with the payload. */
  readonly rootfs?: string;
  readonly binds: readonly BindMount[];
  /** `exec`: a new process in a running container of the arm; default: in a new container. */
  readonly via?: 'exec';
  /**
   * It is the payload in the surroundings of a program; the first of `args` is /payload, wherever the engine keeps
   * that.
   */
  readonly isPayload?: true;
  /** It is in the network of what starts it, which has to be one made for it; default: one of its own. */
  readonly network?: 'joined';
  /** It serves requests, and does not end by itself. */
  readonly service?: Service;
}

/** The payload in place of `program`: the difference of their times is the program's. */
export function payloadIn(program: ContainerProgram, ...args: readonly string[]): ContainerProgram {
  const { service: _, network: _network, ...place } = program;
  return { ...place, args: ['/payload', ...args], env: [], cwd: '/', isPayload: true };
}

/** What a container runs: the payload in one of its modes, or a program. */
export type Inside = PayloadMode | ContainerProgram;

export const isProgram = (inside: Inside): inside is ContainerProgram => typeof inside !== 'string';

/** A program that starts in a container that runs already. */
export type ExecProgram = ContainerProgram & { readonly via: 'exec' };

/** Whether it starts in a container that runs already. */
export const isExec = (inside: Inside): inside is ExecProgram => isProgram(inside) && inside.via === 'exec';

/** The payload as an exec starts it in a container that runs already: in its usual mode, or in one of the others. */
export const execOfPayload = (mode: PayloadMode = 'exit'): ExecProgram => ({
  kind: 'program',
  args: mode === 'exit' ? ['/payload'] : ['/payload', mode],
  env: [],
  cwd: '/',
  binds: [],
  via: 'exec',
  isPayload: true,
});
