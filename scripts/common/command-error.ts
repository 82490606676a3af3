/**
 * A problem that the person at the terminal can fix.
 *
 * Its message is one line: what could not be done, why, and what to do. It is printed as it stands,
 * without a stack trace.
 */
export class CommandError extends Error {
  override name = "CommandError";
}
