import { isSeenInside } from '../run/evidence.js';
import type { ArmEvidence } from '../run/evidence.js';

/** BPF instructions of all filters of an arm, and whether they were read from a container or predicted. */
export type InstructionCount =
  | { readonly state: 'seen' | 'predicted'; readonly instructions: number }
  | { readonly state: 'unknown'; readonly reason: string }
  /** A command of the user's: what it loads, if anything, is its own affair. */
  | { readonly state: 'notOurs' };

/** Whether an arm is a user's command, which has no spec and no proof. */
export const isCommand = ({ policy }: ArmEvidence): boolean => policy === 'command';

/** The best knowledge about the arm's filter: the loaded one, else the predicted one. */
export function instructionsOf(evidence: ArmEvidence): InstructionCount {
  if (isCommand(evidence)) return { state: 'notOurs' };
  const { loaded, predicted } = evidence;
  if (loaded.state === 'seen')
    return { state: 'seen', instructions: loaded.programs.reduce((sum, { instructions }) => sum + instructions, 0) };
  if (isSeenInside(evidence)) return { state: 'seen', instructions: 0 };
  switch (predicted.state) {
    case 'built':
      return { state: 'predicted', instructions: predicted.instructions };
    case 'none':
      return { state: 'predicted', instructions: 0 };
    case 'unknown':
      return { state: 'unknown', reason: predicted.reason };
  }
}
