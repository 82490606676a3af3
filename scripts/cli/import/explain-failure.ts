import postgres from "postgres";
import { CommandError } from "../../common/command-error.ts";
import { explain } from "../../common/explain.ts";

/** Failures of connections, as the driver, the system and the server call them. */
const lost = /^(CONNECTION_(CLOSED|ENDED|DESTROYED)|ECONN(RESET|REFUSED|ABORTED)|EPIPE|57P0[1-3])$/;

/**
 * Says in a sentence what ended a command that can be run again; other errors stay as they are. Every
 * step is a transaction, so that nothing is half done.
 */
export function explainFailure(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = "code" in error ? String(error.code) : "";
  if (error instanceof postgres.PostgresError && code === "53100") {
    return new CommandError(
      `Cannot continue: the disk of the database is full (${error.message}). Free space or add some, then run the same command again: it continues where it stopped.`,
    );
  }
  if (code === "ENOSPC") {
    return new CommandError(
      `Cannot continue: the disk of this machine is full (${error.message}). Free space, then run the same command again.`,
    );
  }
  if (code === "42501" && /row-level security policy for table/.test(error.message)) {
    return new CommandError(
      `Cannot read all rows: ${error.message}. Connect with the owner of the tables or a role that has BYPASSRLS, such as postgres. Nothing was imported from this table.`,
    );
  }
  if (lost.test(code)) return connectionLost(error.message);
  if (isWriteAfterClose(error)) return connectionLost("the server closed it");
  return error;
}

/** The driver writes to the socket that it has just lost, outside of any promise. */
function isWriteAfterClose(error: Error): boolean {
  return error instanceof TypeError && /postgres\/src\/connection\.js/.test(error.stack ?? "");
}

function connectionLost(reason: string): CommandError {
  return new CommandError(
    `Cannot continue: the connection to the database was lost (${reason}). Its log says why; a full disk can be the reason. Then run the same command again: it continues where it stopped.`,
  );
}

/**
 * Ends the process with a sentence where nothing is left to wait for although the command has not ended:
 * the driver does not answer everything that it was asked over a connection that it has lost.
 */
export function explainSilence(): void {
  console.error(explain(connectionLost("it was closed while the command waited for an answer")));
  Deno.exit(1);
}

/** Ends the process with a sentence where the driver fails outside of what a command can catch. */
export function explainUncaught(event: Event, error: unknown): void {
  const explained = explainFailure(error);
  if (!(explained instanceof CommandError)) return;
  event.preventDefault();
  console.error(explain(explained));
  Deno.exit(1);
}
