import { CommandError } from "./command-error.ts";
import { terminalText } from "./terminal-text.ts";

/**
 * An error in words for the person at the terminal; a trace only when STACK_DEBUG asks for it. It may
 * quote what a server or a vendor said, which can do nothing to the terminal.
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
