import type { ArmEvidence } from '../run/evidence.js';

/** BPF instructions of all filters of an arm, and whether they were seen loaded or only computed. */
export type InstructionCount =
  | { readonly state: 'seen' | 'predicted'; readonly instructions: number }
  | { readonly state: 'unknown'; readonly reason: string }
  /** A command of the user's: what it loads, if anything, is its own affair. */
  | { readonly state: 'notOurs' };

/** Whether an arm is a command of the user's, which has no spec and no proof. */
export const isCommand = ({ policy }: ArmEvidence): boolean => policy === 'command';

/** The strongest that is known of the arm's filter: what is loaded goes before what was computed. */
export function instructionsOf(evidence: ArmEvidence): InstructionCount {
  if (isCommand(evidence)) return { state: 'notOurs' };
  const { loaded, predicted } = evidence;
  if (loaded.state === 'seen')
    return { state: 'seen', instructions: loaded.programs.reduce((sum, { instructions }) => sum + instructions, 0) };
  switch (predicted.state) {
    case 'built':
      return { state: 'predicted', instructions: predicted.instructions };
    case 'none':
      return { state: 'predicted', instructions: 0 };
    case 'unknown':
      return { state: 'unknown', reason: predicted.reason };
  }
}
