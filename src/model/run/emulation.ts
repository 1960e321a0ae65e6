/**
 * Emulators that execute instructions in place of a processor: of a whole machine (QEMU TCG), or of single programs
 * (qemu-user).
 */
export const EMULATIONS = ['tcg', 'qemu-user'] as const;
/** An emulator of a whole machine (`tcg`) or of single programs (`qemu-user`). */
export type EmulationKind = (typeof EMULATIONS)[number];

/** Why the times of a machine are known to be an emulator's, which are meaningless for a processor. */
export interface Emulation {
  readonly kind: EmulationKind;
  /** How it was recognised, in words. */
  readonly sign: string;
}

/** Names for reports. */
export const EMULATION_WORDS: Readonly<Record<EmulationKind, string>> = { tcg: 'QEMU TCG', 'qemu-user': 'qemu-user' };

/** Of a run's host; results of versions that did not detect it have none. */
export const emulationOfHost = (host: { readonly emulation?: Emulation | null } | undefined): Emulation | null =>
  host?.emulation ?? null;

/** The first thing to know about a run under emulation. */
export const emulationWarning = ({ kind, sign }: Emulation): string =>
  `This ran under emulation (${EMULATION_WORDS[kind]}; ${sign}): it proves that everything works, but its times mean ` +
  'nothing and are not judged. Counts (bytes, lines, instructions) are valid.';
