/**
 * What is wrong with how a command of bench ended, if anything: it ends by itself, with 0 or 2 (1 where containers may
 * fail), without a stack trace, and tells an error in one line and a hint.
 * @param {{ status: number | null, signal: string | null, stdout: string, stderr: string }} end
 * @param {readonly number[]} [fitting] exit codes
 */
export function endFault({ status, signal, stdout, stderr }, fitting = [0, 2]) {
  if (signal !== null) return `ended by ${signal}`;
  if (!fitting.includes(status ?? -1)) return `exit code ${status}: ${stderr.slice(0, 300)}`;
  if (/^ {4}at /m.test(stdout)) return `a stack trace: ${stdout.slice(0, 600)}`;
  // 1: what failed is part of the results.
  return status === 2 ? errorFault(stderr) : stackFault(stderr);
}

const stackFault = (stderr) => (/^ {4}at /m.test(stderr) ? `a stack trace: ${stderr.slice(0, 600)}` : null);

/** What is wrong with the words of an error: it takes one line that begins with `bench: `, and a hint. */
export function errorFault(stderr) {
  const trace = stackFault(stderr);
  if (trace !== null) return trace;
  const lines = stderr.trimEnd().split('\n');
  const errors = lines.filter((line) => line.startsWith('bench: '));
  if (errors.length !== 1) return `${errors.length} lines of an error: ${stderr.slice(-300)}`;
  const hint = lines.slice(lines.findIndex((line) => line.startsWith('bench: ')) + 1);
  if (hint.some((line) => !line.startsWith('  '))) return `more than a hint: ${stderr.slice(-300)}`;
  return null;
}
