import { CommandError } from "./command-error.ts";
import { terminalText } from "./terminal-text.ts";

/**
 * The text of an error for the terminal, with a stack trace only if STACK_DEBUG is set. It may
 * quote a server or a vendor, without control characters.
 */
export function explain(error: unknown): string {
  return terminalText(messageOf(error));
}

function messageOf(error: unknown): string {
  if (error instanceof CommandError) return error.message;
  if (!(error instanceof Error)) return String(error);
  if (Deno.env.get("STACK_DEBUG")) return error.stack ?? error.message;
  return `Something unexpected happened: ${error.message} (STACK_DEBUG=1 shows where)`;
}
