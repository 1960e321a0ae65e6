/**
 * Why the proof cannot be given, for a person: exit code 2 where this machine lacks something, 1 where the proof itself
 * went wrong, 130 where it was stopped.
 */
export class Failure extends Error {
  name = 'Failure';

  /** @param {1 | 2 | 130} exitCode @param {string} message what is wrong @param {string} hint what to do next */
  constructor(exitCode, message, hint) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}
