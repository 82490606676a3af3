import { createClient } from "./driver.ts";
import { codeAndMessageOf, connectFailure, ConnectionFailure } from "./failure.ts";
import type { DirectSettings } from "../../core/direct_settings.ts";

/** Rows, each a list in the order of the columns. */
export interface Rows {
  columns: string[];
  rows: unknown[][];
}

/** A connection of Postgres, for one statement at a time. */
export interface Connection {
  /** Whether another statement may be sent. */
  isOpen(): boolean;
  /**
   * Runs one unnamed statement as its own transaction: behind a pooler, the next one may run on
   * another backend.
   *
   * @throws {ConnectionFailure} if the connection breaks; otherwise the error of Postgres.
   */
  run(text: string, values: readonly (string | null)[]): Promise<Rows>;
  /** Closes the connection cleanly. */
  end(): Promise<void>;
  /** Drops the connection immediately, even during a statement. */
  destroy(): void;
}

/** Milliseconds for connecting, TLS and the password together. */
const CONNECT_MS = 5_000;

/** The limits of the functions' role, for another role that connects without a pooler. */
const SESSION_SETTINGS =
  "-c statement_timeout=8s -c lock_timeout=8s -c client_connection_check_interval=1s";

/** OIDs of types whose values are not strings in JSON. */
const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map([
  [16, (text: string) => text === "t"], // boolean
  ...[20, 21, 23, 700, 701, 1700].map((oid) => [oid, Number] as const), // numbers
  ...[114, 3802].map((oid) => [oid, JSON.parse] as const), // json, jsonb
  [2278, () => null], // void
]);

const types = { getTypeParser: (oid: number) => PARSERS.get(oid) ?? String };

/**
 * Connects to Postgres.
 *
 * @throws {ConnectionFailure} with a message that says what an operator can do.
 */
export async function connect(settings: DirectSettings): Promise<Connection> {
  const client = createClient({
    host: settings.host,
    port: settings.port,
    user: settings.user,
    password: settings.password,
    database: settings.database,
    ssl: settings.tls,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    application_name: "agentbase-functions",
    ...settings.variable === "SUPABASE_DB_URL" && { options: SESSION_SETTINGS },
  });
  let isOpen = true;
  // Without a listener, a connection that breaks while idle would end the process.
  client.on("error", () => isOpen = false);
  client.on("end", () => isOpen = false);
  const destroy = () => {
    isOpen = false;
    client.connection.stream.destroy();
  };
  try {
    await client.connect();
  } catch (thrown) {
    destroy();
    throw connectFailure(thrown, settings.variable);
  }
  return {
    isOpen: () => isOpen,
    destroy,
    async end() {
      isOpen = false;
      await client.end().catch(() => {});
    },
    async run(text, values) {
      try {
        const { fields, rows } = await client.query({ text, values, rowMode: "array", types });
        return { columns: fields.map(({ name }) => name), rows };
      } catch (thrown) {
        if (!isServersAnswer(thrown)) {
          destroy();
          const { code, message } = codeAndMessageOf(thrown);
          throw new ConnectionFailure(`The connection is lost (${message}).`, { code });
        }
        // The server closes the connection after such an error.
        if (Reflect.get(thrown, "severity") !== "ERROR") destroy();
        throw thrown;
      }
    },
  };
}

/** Whether the error is from Postgres or a pooler. */
function isServersAnswer(thrown: unknown): thrown is Error {
  return thrown instanceof Error && typeof Reflect.get(thrown, "severity") === "string";
}
