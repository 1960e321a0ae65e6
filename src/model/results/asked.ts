import type { ConversionRequest, EngineRequest, FindingsRequest } from '../experiment/settings.js';

/** What every run was asked besides its scenario, in plan.json: `bench resume` asks the same again. */
export interface Asked {
  readonly engine: EngineRequest;
  readonly conversion: ConversionRequest;
  /** Relative paths start here. */
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly maxFailures: number | null;
}

/** The same of container starts. */
export interface AskedOfStarts extends Asked {
  readonly staged: boolean;
  /** Whether instructions were to be counted; absent: not. */
  readonly counters?: true;
  /** A share, for the stopping rules. */
  readonly margin: number;
  /** Only for a scenario with a program. */
  readonly findings: FindingsRequest;
}
