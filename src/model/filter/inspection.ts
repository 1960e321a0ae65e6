import type { SeenVia } from '../run/evidence.js';
import type { LibseccompFacts } from './faults.js';
import type { SourceForm } from '../profile/source.js';
import type { Denial } from './answers.js';
import type { Note } from './notes.js';
import type { ByteOrder, CallVerdict } from './simulation.js';

/** Views of a filter's calls. */
export const INSPECTION_SORTS = ['dearest', 'denied', 'cacheable', 'name'] as const;
export type InspectionSort = (typeof INSPECTION_SORTS)[number];

/** An instruction as text. */
export interface DisassembledLine {
  readonly at: number;
  /** Mnemonic and operands, names resolved: `ld arch`, `jeq read`, `ret ERRNO(EPERM)`. */
  readonly text: string;
  /** Where a jump goes; `otherwise` for a comparison that does not hold. */
  readonly target?: number;
  readonly otherwise?: number;
}

/** One architecture's part of a program. */
export interface SectionFacts {
  /** By libseccomp's name. */
  readonly arch: string;
  /** Instructions that its calls can reach. */
  readonly instructions: number;
  /** Instructions executed on the longest way. */
  readonly longest: number;
  /** Comparisons and jumps on the way that has most of them. */
  readonly jumpDepth: number;
}

/** Instructions that a runtime put before libseccomp's program. */
export interface StubFacts {
  readonly kind: 'enosys';
  readonly instructions: number;
}

/** What a program makes of seccomp_data.arch. */
export interface ArchitectureFacts {
  /** Whether it looks at the architecture at all. */
  readonly checked: boolean;
  /** What it compares the architecture with: libseccomp's names, numbers in hex where that has none. */
  readonly known: readonly string[];
  /** Of x32, whose calls have the architecture number of x86_64; absent where x86_64 is not among `known`. */
  readonly x32?: {
    /** Whether the program compares the number with the bit of x32, or with numbers that have it. */
    readonly toldApart: boolean;
    readonly answers: readonly string[];
  };
  /** Every answer that calls of all other architectures can get. */
  readonly others: readonly string[];
}

/** One BPF program. */
export interface ProgramFacts {
  readonly instructions: number;
  /** Of its bytes. */
  readonly sha256: string;
  readonly order: ByteOrder;
  readonly longest: number;
  readonly jumpDepth: number;
  readonly sections: readonly SectionFacts[];
  readonly architectures: ArchitectureFacts;
  /** Absent where none was recognised. */
  readonly stub?: StubFacts;
}

/** Where the programs come from. */
export type FilterOrigin =
  | {
      readonly kind: 'predicted';
      readonly libseccomp: string;
      readonly form: 'plain' | 'tree';
      /** Whose way to build it is, `runc 1.3.6`; absent: nobody's in particular. */
      readonly runtime?: string;
      /** Absent: those of runc and crun. */
      readonly rules?: 'LXC';
    }
  /** A filter that was built before, and checked as the kernel checks it. */
  | { readonly kind: 'given'; readonly form: SourceForm; readonly name: string }
  | { readonly kind: 'loaded'; readonly via: SeenVia; readonly what: string };

/** Counts of one architecture's calls. */
export interface CallCounts {
  readonly arch: string;
  /** System calls libseccomp knows of it. */
  readonly calls: number;
  /** ALLOW regardless of the arguments. */
  readonly allowed: number;
  /** ALLOW with some arguments and something else with others. */
  readonly conditional: number;
  /** They run and some or all of them are written to the audit log. */
  readonly logged: number;
  /** ERRNO(0): they do nothing and return 0. */
  readonly returnsZero: number;
  /** They never run. */
  readonly denied: number;
  /** The denied ones by what happens to them. */
  readonly denials: Readonly<Record<Denial, number>>;
  /** In the kernel's bitmap. */
  readonly cacheable: number;
}

/** A filter, which may be several programs, and its verdict on every call. */
export interface InspectedFilter {
  readonly origin: FilterOrigin;
  /** `uname -m` or libseccomp's name of the machine it is for. */
  readonly machine: string;
  /** The one loaded first comes first. */
  readonly programs: readonly ProgramFacts[];
  readonly counts: readonly CallCounts[];
  readonly calls: readonly CallVerdict[];
}

/** The kernel's bitmap (/proc/PID/seccomp_cache) compared with the predicted one. */
export type CacheCheck =
  | { readonly state: 'compared'; readonly calls: number; readonly differing: readonly string[] }
  | { readonly state: 'notSeen'; readonly reason: string };

/** The result of `bench inspect`; in JSON, integers above 2^53 are decimal strings. */
export interface Inspection {
  /** What is inspected, in words. */
  readonly subject: string;
  /** What the file was read as; absent for a container or process alone. */
  readonly form?: SourceForm;
  /** The same in words, with what that leaves out; absent where every reader makes the same of the file. */
  readonly read?: string;
  readonly filters: readonly InspectedFilter[];
  /** Why a requested filter is missing. */
  readonly notSeen: readonly string[];
  /** Why it is not known which filter the engine should load; absent where it is. */
  readonly notPredicted?: string;
  /** Whether the filter loaded ends with the one predicted; absent where there are not both. */
  readonly agreement?: 'same' | 'same after the stub' | 'different';
  readonly cache?: CacheCheck;
  /** This machine's libseccomp; absent where no rules are known. */
  readonly libseccomp?: LibseccompFacts;
  /** What the author of the profile would want to know; absent where there is none. */
  readonly notes?: readonly Note[];
}

/** One run of a call, step by step. */
export interface CallRun {
  readonly action: string;
  /** Six arguments. */
  readonly args: readonly bigint[];
  readonly instructions: number;
  /** The lines executed, of each program in turn. */
  readonly steps: readonly (readonly DisassembledLine[])[];
}

/** What a filter does with one call: over all arguments, and step by step for an example of every answer. */
export interface CallExplanation {
  readonly verdict: CallVerdict;
  readonly runs: readonly CallRun[];
}

/** Ways to count what a profile denies on one architecture. */
export interface DeniedCount {
  readonly arch: string;
  /** The figure of Docker's documentation. */
  readonly figure: number;
  /** By the capabilities of the container; the first is Docker's default. */
  readonly rows: readonly { readonly what: string; readonly denied: number; readonly conditional: number }[];
  /** The first row's denied calls, split; absent for architectures of which this is not known. */
  readonly split?: {
    /** Names that the kernel has no function for. */
    readonly withoutFunction: number;
    /** Calls newer than the figure. */
    readonly newer: number;
    readonly others: number;
  };
  /** The calls named in Docker's documentation. */
  readonly documented: {
    readonly named: number;
    /** Those that exist on the architecture. */
    readonly existing: number;
    readonly denied: number;
    /** Named, existing, and not denied regardless of the arguments. */
    readonly notDenied: readonly string[];
  };
}
