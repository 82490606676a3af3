import pg from "pg";

/** The settings of a connection; see https://node-postgres.com/apis/client. */
interface ClientConfig {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  ssl: false | { rejectUnauthorized: boolean; ca?: string };
  /** Milliseconds for connecting, TLS and the password together. */
  connectionTimeoutMillis: number;
  keepAlive: boolean;
  application_name: string;
  /** Settings of the session, as `-c name=value`. */
  options?: string;
}

/** One statement, with its parameters as texts. */
interface QueryConfig {
  text: string;
  values: readonly (string | null)[];
  rowMode: "array";
  types: { getTypeParser(oid: number): (text: string) => unknown };
}

/** The part of the driver's client that is used here: the package comes without types. */
export interface Client {
  /** The protocol below; `stream` is the socket. */
  readonly connection: { stream: { destroy(): void } };
  connect(): Promise<unknown>;
  query(query: QueryConfig): Promise<{ fields: { name: string }[]; rows: unknown[][] }>;
  end(): Promise<void>;
  on(event: "error" | "end", listener: () => void): unknown;
}

/** Makes a client of node-postgres that is not connected yet. */
export function createClient(config: ClientConfig): Client {
  // SAFETY: the interface above is a part of the documented one, but for `connection`, whose tests
  // fail when it is gone.
  const driver = pg as { Client: new (config: ClientConfig) => Client };
  return new driver.Client(config);
}
