/** What could not be told of an arm before its first start, or what its runtime makes of it without a word. */
export type ArmNote =
  /** Containers run on another machine, so nobody here can tell whether anybody listens. */
  | { readonly code: 'listenerUnknown'; readonly arm: string; readonly path: string; readonly engine: string }
  /** The engine does not say which flags it loads. */
  | { readonly code: 'flagsUnknown'; readonly arm: string; readonly flags: readonly string[]; readonly engine: string }
  /** crun loads a filter again without any flags where the kernel refuses them; this one needs a listener. */
  | { readonly code: 'flagsDropped'; readonly arm: string; readonly flag: string }
  /** crun loads a filter that notifies without a listener; such calls fail with ENOSYS. */
  | { readonly code: 'noListener'; readonly arm: string };
