import type { Containment } from './containment.js';
import type { EngineHost } from './engine-host.js';
import type { FilterBuilder } from '../filter/builder.js';
import type { FilterGiven, FilterMaking } from '../filter/filter-making.js';
import type { ImageRequest, PayloadFiles } from './payload-files.js';
import type { PodSeccomp } from './pod.js';
import type { ContainerProgram, Inside, PayloadMode } from './program.js';
import type { InstructionCounts } from '../results/figures/instructions.js';
import type { LoadFigures } from '../results/figures/load-figures.js';
import type { CacheEvidence } from '../run/cache-evidence.js';
import type { PairTurn } from '../run/duet.js';
import type { FilterCache } from '../run/scenario.js';
import type { SeccompSpec } from '../profile/seccomp.js';
import type { GivenSource } from '../profile/source.js';
import type { Stage, StageTimes } from './stages.js';
import type { Nanoseconds } from '../time.js';
import type { LxcWriter, WrittenFile } from './written.js';

/** A program to start: an absolute path, its arguments (argv[0] is added), its whole environment as NAME=VALUE. */
export interface LaunchCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  /** The mount namespace it starts in; absent: this process's. */
  readonly mounts?: MountView;
  /** The network namespace it starts in; absent: this process's. */
  readonly network?: NetworkView;
  /** The core that it is kept on, with all that it starts; only where several start together. Absent: any. */
  readonly core?: number;
}

/** A mount namespace that is there as long as its descriptor is open. */
export interface MountView {
  readonly fd: number;
  /** Descriptor of the namespace to come back to. */
  readonly home: number;
}

/** A network namespace that is there as long as its descriptor is open. */
export interface NetworkView {
  readonly fd: number;
  /** Descriptor of the namespace to come back to. */
  readonly home: number;
}

/** rusage of a child and all its reaped descendants. */
export interface ResourceUsage {
  readonly user: Nanoseconds;
  readonly system: Nanoseconds;
  readonly maxRssKiB: number;
  readonly minorFaults: number;
  readonly majorFaults: number;
  readonly voluntarySwitches: number;
  readonly involuntarySwitches: number;
}

/** How the process that made a container ended. */
export type Exit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: number }
  /** posix_spawn itself failed. */
  | { readonly kind: 'notStarted'; readonly errno: string }
  /** A daemon that was asked for it said no, or nothing: an HTTP status or an errno. */
  | { readonly kind: 'refused'; readonly answer: string }
  | { readonly kind: 'timedOut'; readonly afterMs: number }
  /** A server that could not be measured: it was not ready, ended, or its load failed. */
  | { readonly kind: 'unserved'; readonly reason: string }
  | { readonly kind: 'interrupted' };

/** One container's run as the launcher saw it; whether it counts as ok is judged elsewhere. */
export interface ContainerRun {
  readonly exit: Exit;
  /** On the run's clock. */
  readonly startedAt: Nanoseconds;
  readonly wall: Nanoseconds;
  readonly usage: ResourceUsage;
  /** Where they are counted. */
  readonly instructions?: InstructionCounts;
  /** Where the engine was asked to tell them apart, or cannot but do so. */
  readonly stages?: StageTimes;
  /** Where it failed, as far as the engine can tell. */
  readonly failedIn?: Stage;
  /** For how long, at most, it or what started it was seen stopped or frozen; absent: never. */
  readonly heldNs?: Nanoseconds;
  readonly stdout: string;
  readonly stderr: string;
  /** Of a server: `wall` and `usage` are those of one request, this is what its load reported. */
  readonly load?: LoadFigures;
}

/** What `--engine` takes: `auto` is the first of runc, crun and the built-in one that can start a container here. */
export const ENGINE_CHOICES = [
  'auto',
  'runc',
  'crun',
  'oci',
  'namespaces',
  'bwrap',
  'docker',
  'podman',
  'lxc',
  'containerd',
  'cri',
  'isulad',
] as const;
/** An engine as --engine takes it. */
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

/** Engines without a runtime that builds filters: bench builds them, so an arm may say how. There is no listener. */
export const FILTER_MAKERS: readonly string[] = ['namespaces', 'bwrap'] satisfies readonly EngineChoice[];

/** Containers started together. */
export interface BatchRun {
  readonly startedAt: Nanoseconds;
  /** From the release of the first to the end of the last. */
  readonly makespan: Nanoseconds;
  /** In the order of the requested ids; those never started because the run was stopped are `interrupted`. */
  readonly containers: readonly ContainerRun[];
}

/** What an engine is asked to run, timed: one container per id, all of one arm. */
export interface BatchRequest {
  readonly arm: string;
  /** A program's output is its own affair: it counts as ok by exiting with 0. */
  readonly mode: Inside;
  readonly ids: readonly string[];
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /**
   * Whether the stages of each container are timed separately, at the price of a slower start; one container at a time.
   */
  readonly staged?: boolean;
}

/** What an engine is asked to run as a pair, timed: one container of each of two arms, at the same time. */
export interface PairRequest extends Pick<BatchRequest, 'mode' | 'timeoutMs' | 'signal'> {
  /** In the order in which they come to the barrier. */
  readonly turns: readonly (PairTurn & { readonly id: string })[];
}

/** A treatment, ready for an engine. */
export type ArmSpec = ConvertedArmSpec | GivenArmSpec;

/** A named spec: `text` is what is written, byte for byte; `null` and "null": no seccomp. */
export interface ConvertedArmSpec {
  readonly name: string;
  readonly spec: SeccompSpec | null;
  readonly given?: never;
  readonly text: string;
  /** Does again what a system that gets a profile does at every start; timed where stages are timed separately. */
  readonly remake?: Remake;
  /** Absent: made and loaded as runtimes do. */
  readonly making?: FilterMaking;
  /** The bytes of a filter that was built beforehand. */
  readonly prebuilt?: Uint8Array;
  /** How a runtime that builds filters itself gets the one that the arm asks for. */
  readonly filterGiven?: FilterGiven;
  /** Path of the libseccomp.so that builds its filter; absent: the engine's own. */
  readonly libseccomp?: string;
  /** Whether its containers find a compiled filter of an earlier one; absent: as the engine does. */
  readonly cache?: FilterCache;
}

/**
 * A raw filter, an LXC policy or the runtime's own profile, loaded as it is. It has no spec, and is not "no seccomp".
 */
export interface GivenArmSpec {
  readonly name: string;
  readonly spec: null;
  readonly given: GivenSource;
  /** The policy's text; of a raw filter its bytes in base64; of the runtime's own profile its name. */
  readonly text: string;
  readonly remake?: never;
  readonly making?: never;
  readonly prebuilt?: never;
  readonly filterGiven?: never;
  readonly libseccomp?: never;
  readonly cache?: never;
}

/** Whether containers of the arm run without a filter. */
export const isUnconfined = ({ spec, given }: ArmSpec): boolean => spec === null && given === undefined;

/** The bytes that make the arm: what its results keep, and what their hash is of. */
export const bytesOfArm = ({ given, text }: ArmSpec): Buffer =>
  given?.kind === 'raw' ? Buffer.from(given.filter) : Buffer.from(text);

/** The two steps from a profile to the text of a spec. */
export interface Remake {
  readonly convert: () => unknown;
  readonly serialise: () => string;
}

/** A container that exists and has not run; every later state is reached through it. */
export interface CreatedContainer extends AsyncDisposable {
  readonly state: 'created';
  readonly id: string;
  /** Starts the payload and resolves once it runs. */
  readonly start: () => Promise<StartedContainer>;
  readonly remove: () => Promise<RemovedContainer>;
}

export interface StartedContainer extends AsyncDisposable {
  readonly state: 'started';
  readonly id: string;
  /** Of the payload, seen from here. */
  readonly pid: number;
  /** Of the container that holds its pod, where there is one and it can be inspected from here. */
  readonly pausePid?: number;
  /** Why the payload cannot be inspected from here, regardless of its pid; absent where it can. */
  readonly hidden?: string;
  /** The file that the runtime loaded the container's filter from, while the container exists; absent: it has none. */
  readonly filterFile?: string;
  readonly kill: () => Promise<ExitedContainer>;
}

export interface ExitedContainer extends AsyncDisposable {
  readonly state: 'exited';
  readonly id: string;
  readonly remove: () => Promise<RemovedContainer>;
}

export interface RemovedContainer {
  readonly state: 'removed';
  readonly id: string;
}

/**
 * How far an engine takes programs other than the payload: not at all, in its own root with folders of the host's bound
 * into it, or also in a root of the caller's.
 */
export type ProgramSupport = 'none' | 'binds' | 'anyRoot';

/** What a runtime can load; absent = it does not say. */
export interface RuntimeLimits {
  readonly knownArchitectures?: ReadonlySet<string>;
  /**
   * It reads what a spec says of architectures this machine cannot run, and skips that: nothing has to be left out for
   * it.
   */
  readonly skipsForeign?: boolean;
  /** Actions of a spec, SCMP_ACT_... */
  readonly knownActions?: ReadonlySet<string>;
  /** Flags of a spec, SECCOMP_FILTER_FLAG_..., that it loads on this machine. */
  readonly loadableFlags?: ReadonlySet<string>;
}

/** The OCI runtime with which a daemon starts containers. */
export interface RuntimeFacts {
  /** As the daemon or the program itself names it: runc, crun, io.containerd.runc.v2. */
  readonly name: string;
  /** Its number, such as 1.1.5; `null`: not known. */
  readonly version: string | null;
  /** Of its program on the daemon's machine; `null`: not known. */
  readonly path: string | null;
  /** Version of libseccomp that it reports; `null`: it reports none, or could not be asked. */
  readonly libseccomp: string | null;
}

/** Which engine made the containers. */
export interface EngineFacts {
  readonly name: string;
  /** First line of `--version`, or the built-in engine's own words; with a daemon's, that of its runtime. */
  readonly version: string;
  /** What a daemon starts containers with; absent where no daemon starts them, and in results of earlier versions. */
  readonly runtime?: RuntimeFacts;
  readonly path: string | null;
  readonly rootless: boolean;
  /** One line each: how this engine was adapted to this host. */
  readonly notes: readonly string[];
  /** Absent where arms are commands, which bench does not contain, and in results of earlier versions. */
  readonly containment?: Containment;
}

/** An engine, as far as it decides what can be loaded; known before its first container. */
export interface EngineView {
  readonly facts: Pick<EngineFacts, 'name' | 'version'>;
  readonly limits: RuntimeLimits;
  readonly host?: EngineHost;
  readonly machine?: string;
  /** Its containers have a kernel of their own, which may apply a filter otherwise or not at all (gVisor, Kata). */
  readonly ownKernel?: true;
  /** What makes the filters of its containers, where all arms have the same. */
  readonly builder?: FilterBuilder;
}

/** A server that an engine is asked to start in a new container of an arm. */
export interface ServerStart {
  readonly arm: string;
  readonly program: ContainerProgram;
  readonly id: string;
  readonly signal: AbortSignal;
}

/** A server in a container that a daemon made. Disposing it ends and removes the container, whatever its state. */
export interface StartedServer extends AsyncDisposable {
  /** Of its first process, seen from here; `null`: it has ended already, or never started. */
  readonly pid: number | null;
  /** All that it has written so far. */
  readonly said: () => string;
  /** How it ended; `undefined` where it has not ended within the limit. */
  readonly end: (limitMs: number) => Promise<Exit | undefined>;
}

/** What an engine knows of the compiled filters that its runtime keeps for later containers. */
export interface FilterCaching {
  /**
   * The states in which an arm can be measured; empty: its runtime keeps no filters. Found out with one untimed start.
   * Throws `environment` where the runtime tries to keep one and cannot.
   */
  readonly statesOf: (arm: string, signal: AbortSignal) => Promise<readonly FilterCache[]>;
  /** What was seen until now of a prepared arm that is cold or warm. */
  readonly evidenceOf: (arm: string) => CacheEvidence | undefined;
}

/** What creates containers. Disposing removes every container, file and mount it made. */
export interface Engine extends AsyncDisposable {
  readonly facts: EngineFacts;
  readonly limits: RuntimeLimits;
  /** Where its daemon runs containers; absent: this process starts them, on this machine. */
  readonly host?: EngineHost;
  /** `uname -m` of where containers run; absent = this machine. */
  readonly machine?: string;
  /** Whether it can tell the stages of a start apart: never, when `staged` is asked for, or always. */
  readonly stages: 'never' | 'asked' | 'always';
  /** What it can run besides the payload. */
  readonly programs: ProgramSupport;
  /** Set where it can start a program in a container that is running already. */
  readonly execs?: true;
  /** Set where it can run a server whose network a load can join: by `command`, or by `serve`. */
  readonly serves?: true;
  /** Whether an arm may say how its filter is made and loaded; others leave that to their runtime. */
  readonly makesFilters?: true;
  /** Whether an arm may name the libseccomp that builds its filters. */
  readonly takesLibrary?: true;
  /**
   * What makes the filter of an arm's containers, the same object where the same runtime and library do; an arm that is
   * not prepared yet brings no library. Absent: not known.
   */
  readonly builderOf?: (arm: string) => FilterBuilder;
  /** The filter of the containers that hold its pods; absent where it makes no pods. */
  readonly podSeccomp?: PodSeccomp;
  /** Why no 32-bit program runs in an arm's containers, whatever its filter; absent or `undefined`: not known. */
  readonly no32Bit?: (arm: string) => string | undefined;
  /** What it can load besides specs; absent: only specs. */
  readonly loads?: ReadonlySet<GivenSource['kind']>;
  /** The same of one arm, where arms have engines of their own. */
  readonly loadsOf?: (arm: string) => ReadonlySet<GivenSource['kind']>;
  /** The same of `makesFilters`. */
  readonly makesFiltersOf?: (arm: string) => boolean;
  /** Set where its runtime may keep compiled filters. */
  readonly caching?: FilterCaching;
  /** Where arms have engines of their own: a new arm gets that of another one. */
  readonly addTwin?: (twin: string, original: string) => void;
  /** Writes what the arm needs, once. Throws `environment` where that is impossible. */
  readonly prepare: (arm: ArmSpec) => Promise<void>;
  /** What `run` starts for one container, for tools that look at it from outside; `null` where a daemon starts it. */
  readonly command: (arm: string, mode: Inside, id: string) => LaunchCommand | null;
  /**
   * Path of the socket where the daemon that starts an arm's containers listens on this machine; absent or `null` where
   * there is none.
   */
  readonly daemonSocket?: (arm: string) => string | null;
  /** Makes what `command` needs for a program that was not run before; absent: it needs nothing. */
  readonly prepareProgram?: (arm: string, program: ContainerProgram) => Promise<void>;
  /** The timed path. Never rejects for a container that failed. */
  readonly run: (request: BatchRequest) => Promise<BatchRun>;
  /**
   * Starts a server, where a daemon starts containers. What the daemon refuses is how the server ended. Throws
   * `environment` where its processes are not seen here.
   */
  readonly serve?: (start: ServerStart) => Promise<StartedServer>;
  /**
   * The timed path for two containers that start at the same moment, each kept on a core of its own. Absent: the engine
   * cannot, or duet blocks are not tested with it. Never rejects for a container that failed.
   */
  readonly runPair?: (request: PairRequest) => Promise<BatchRun>;
  /** The untimed path, state by state. */
  readonly create: (arm: string, id: string, mode: PayloadMode) => Promise<CreatedContainer>;
  /** Housekeeping that must not happen between the runs of a block. */
  readonly betweenBlocks: () => Promise<void>;
  /** The file it writes for every container of a prepared arm, where it writes one in its timed path. */
  readonly written?: (arm: string) => WrittenFile;
  /** Ids the engine itself still knows of this run. Throws where it cannot be asked. */
  readonly list: () => Promise<readonly string[]>;
}

/** How the rules of `bpf-build` are made; `library`: the path of its libseccomp. */
export type RulesMaking = FilterMaking & { readonly library?: string };

/** What engines need from other stages; `commands/` hands it in. */
export interface EngineParts {
  /** Of this run; every container id starts with it. */
  readonly runId: string;
  /**
   * The run's own folder, on a file system that may execute. An engine removes what it puts there; the folder is the
   * caller's.
   */
  readonly workspace: string;
  readonly payload: PayloadFiles;
  /** Makes the minimal root file system in a folder. */
  readonly writeRootfs: (folder: string) => Promise<void>;
  /** Makes an image archive, as `docker load` takes it. Throws `environment` for a machine without a payload. */
  readonly imageArchive: (request: ImageRequest) => Buffer;
  /** The text `bpf-build` reads; `prebuilt` is the file of a filter that is built already, which needs no spec. */
  readonly rulesText: (spec: SeccompSpec | null, making?: RulesMaking, prebuilt?: string) => string;
  readonly lxc: LxcWriter;
  /** A spec as a profile that iSulad, which takes nothing else, converts back into it. */
  readonly isuladProfile: (spec: SeccompSpec) => string;
  readonly env: Readonly<Record<string, string | undefined>>;
}
