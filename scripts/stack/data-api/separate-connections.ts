import postgres from "postgres";
import { wireParameter } from "./wire-values.ts";

type Parameters = postgres.ParameterOrJSON<never>[];

/** A connection that one caller uses exclusively. */
interface Slot {
  sql: postgres.Sql;
  /** Rejects once the connection is closed. */
  closed: Promise<never>;
  isBroken: boolean;
}

/**
 * Lets `reserve()` of a database client give each caller a client of its own that has one connection,
 * and drop it when that broke.
 *
 * Left to itself the library gives a connection that broke while it was reserved to the next caller,
 * whose query then waits indefinitely or ends the process, and does the same to a rollback after the break.
 *
 * @returns Ends the connections.
 */
export function separateConnections(client: postgres.Sql): () => Promise<void> {
  const idle: Slot[] = [];
  const waiting: ((slot: Slot) => void)[] = [];
  const all = new Set<Slot>();

  function open(): Slot {
    const { promise: closed, reject } = Promise.withResolvers<never>();
    closed.catch(() => {});
    const sql = postgres({
      ...sameOptions(client),
      max: 1,
      onclose: () => {
        slot.isBroken = true;
        reject(connectionLost());
      },
    });
    const slot: Slot = { sql, closed, isBroken: false };
    all.add(slot);
    return slot;
  }

  async function take(): Promise<Slot> {
    for (let slot = idle.pop(); slot; slot = idle.pop()) {
      if (!slot.isBroken) return slot;
      drop(slot);
    }
    if (all.size < client.options.max) return open();
    return await new Promise((resolve) => waiting.push(resolve));
  }

  function drop(slot: Slot): void {
    all.delete(slot);
    void slot.sql.end({ timeout: 0 });
  }

  function giveBack(slot: Slot): void {
    if (slot.isBroken) drop(slot);
    const next = waiting.shift();
    if (next) next(slot.isBroken ? open() : slot);
    else if (!slot.isBroken) idle.push(slot);
  }

  async function reserve() {
    const slot = await take();
    return {
      unsafe: (query: string, parameters: Parameters) => ask(slot, query, parameters),
      release: () => giveBack(slot),
    };
  }

  Object.assign(client, { reserve });
  return async () => {
    await Promise.all([...all].map(({ sql }) => sql.end({ timeout: 0 })));
  };
}

/** Asks the database on a connection, and finds out when it is lost. */
async function ask(slot: Slot, query: string, parameters: Parameters) {
  if (slot.isBroken) throw connectionLost();
  const written = parameters.map((value) => wireParameter(slot.sql, value));
  try {
    return await Promise.race([slot.sql.unsafe(query, written), slot.closed]);
  } catch (error) {
    // An error of Postgres itself does not break the connection.
    if (!(error instanceof postgres.PostgresError)) slot.isBroken = true;
    throw error;
  }
}

/** The options of a client; the library takes them as they are once it has read them. */
function sameOptions(
  client: postgres.Sql,
): postgres.Options<Record<string, postgres.PostgresType>> {
  // SAFETY: they are the library's own, and it returns them unchanged.
  return client.options as unknown as postgres.Options<Record<string, postgres.PostgresType>>;
}

function connectionLost(): Error {
  return Object.assign(new Error("the connection to the database is lost"), {
    code: "CONNECTION_CLOSED",
  });
}
