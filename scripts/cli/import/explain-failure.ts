import postgres from "postgres";
import { CommandError } from "../../common/command-error.ts";
import { explain } from "../../common/explain.ts";

/** Connection failures, by the codes of the driver, the system and the server. */
const lost = /^(CONNECTION_(CLOSED|ENDED|DESTROYED)|ECONN(RESET|REFUSED|ABORTED)|EPIPE|57P0[1-3])$/;

/**
 * Turns an error after which the command can be run again into a message that says so; returns
 * other errors unchanged. Every step is a transaction, so nothing is left half done.
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

/** The driver may write to a socket that was just closed, outside of any promise. */
function isWriteAfterClose(error: Error): boolean {
  return error instanceof TypeError && /postgres\/src\/connection\.js/.test(error.stack ?? "");
}

/** That a connection was lost, and what to do. */
export function connectionLost(reason: string): CommandError {
  return new CommandError(
    `Cannot continue: the connection to the database was lost (${reason}). Its log says why; a full disk can be the reason. Then run the same command again: it continues where it stopped.`,
  );
}

/**
 * Ends the process with a message when the event loop is empty but the command has not finished:
 * the driver does not settle every query of a lost connection.
 */
export function explainSilence(): void {
  console.error(explain(connectionLost("it was closed while the command waited for an answer")));
  Deno.exit(1);
}

/** Ends the process with a message on an error of the driver that the command cannot catch. */
export function explainUncaught(event: Event, error: unknown): void {
  const explained = explainFailure(error);
  if (!(explained instanceof CommandError)) return;
  event.preventDefault();
  console.error(explain(explained));
  Deno.exit(1);
}
