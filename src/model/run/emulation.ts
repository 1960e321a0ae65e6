/**
 * What carries out a machine's instructions in the place of a processor: a whole machine emulated by QEMU, or single
 * programs by qemu-user.
 */
export const EMULATIONS = ['tcg', 'qemu-user'] as const;
export type EmulationKind = (typeof EMULATIONS)[number];

/** How it is known that times taken on a machine are an emulator's, and mean nothing for a processor. */
export interface Emulation {
  readonly kind: EmulationKind;
  /** What gave it away, in words. */
  readonly sign: string;
}

/** For a title, a table cell, a sentence. */
export const EMULATION_WORDS: Readonly<Record<EmulationKind, string>> = { tcg: 'QEMU TCG', 'qemu-user': 'qemu-user' };

/** Of a run's host; results of versions that did not look have none. */
export const emulationOfHost = (host: { readonly emulation?: Emulation | null } | undefined): Emulation | null =>
  host?.emulation ?? null;

/** What to know before anything else of a run under emulation, one sentence. */
export const emulationWarning = ({ kind, sign }: Emulation): string =>
  `This ran under emulation (${EMULATION_WORDS[kind]}; ${sign}): it is functional proof, its times mean nothing and are not judged; what is counted (bytes, lines, instructions) holds.`;
