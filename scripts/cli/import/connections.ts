import postgres, { type Sql } from "postgres";
import { connectionLost } from "./explain-failure.ts";

/** What a command's connections are opened with. */
export interface ConnectionsOptions {
  /** How many there are at most. */
  max: number;
  /** Settings of their sessions. @default those of the role */
  connection?: Record<string, string>;
}

/**
 * Runs something with connections to a database, and closes them.
 *
 * The driver does not settle every promise of a connection that the server has ended: what was about
 * to be sent may wait forever while others are open. So the loss of any connection ends the run, a
 * second later: until then its own error, which says more, may end it.
 *
 * @throws {CommandError} when a connection was lost and the run has not ended by itself.
 */
export async function withConnections<Result>(
  url: string,
  options: ConnectionsOptions,
  run: (sql: Sql) => Promise<Result>,
): Promise<Result> {
  const lost = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isEnding = false;
  const sql = postgres(url, {
    ...options,
    onnotice: () => {},
    // The driver would close a connection of its own accord, and it would look like one that is lost.
    max_lifetime: null,
    onclose() {
      if (isEnding) return;
      timer ??= setTimeout(() => lost.reject(connectionLost("the server ended it")), 1000);
    },
  });
  let hasSucceeded = false;
  try {
    const result = await Promise.race([run(sql), lost.promise]);
    hasSucceeded = true;
    return result;
  } finally {
    isEnding = true;
    clearTimeout(timer);
    // A run that failed can go on in parts, without the lock that it has lost: these are cut off.
    await sql.end({ timeout: hasSucceeded ? 5 : 0 });
  }
}

/**
 * The settings of sessions without the time limits that a role may have: the size of chunks is
 * bounded, and connections are idle while one of them does something that takes long.
 */
export async function liftLimits(sql: Sql): Promise<Record<string, string>> {
  const limits = await sql<{ name: string }[]>`
    select name from pg_settings
    where name in ('statement_timeout', 'idle_session_timeout') and setting <> '0'`;
  // As text: the driver leaves out settings that are the number 0.
  return Object.fromEntries(limits.map(({ name }) => [name, "0"]));
}
