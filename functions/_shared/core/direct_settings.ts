import { z } from "zod";

/** How to reach Postgres without the Data API. */
export interface DirectSettings {
  /** The variable that the address is from, for messages. */
  variable: "DATABASE_URL" | "SUPABASE_DB_URL";
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** Off on a private network only; encrypted; or with the server's certificate verified too. */
  tls: false | { rejectUnauthorized: boolean; ca?: string };
  /** Connections that an isolate opens at most. */
  poolSize: number;
  /** Whether each client of this address keeps a connection of the database for itself. */
  isSessionPooler: boolean;
}

/** Four, as the platform advises for one process; see docs/operations.md for the arithmetic. */
const DEFAULT_POOL_SIZE = 4;

const absentWhenEmpty = (value: unknown) => value === "" ? undefined : value;

const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ }).transform((text) => new URL(text))
  .refine(({ hostname, username }) => hostname !== "" && username !== "");

/** The variables of the direct connection, for the schema of the environment. */
export const directVariables = {
  DATABASE_ACCESS: z.preprocess(
    absentWhenEmpty,
    z.enum(["direct", "data-api"]).default("direct"),
  ),
  DATABASE_URL: z.preprocess(absentWhenEmpty, postgresUrl.optional()),
  SUPABASE_DB_URL: z.preprocess(absentWhenEmpty, postgresUrl.optional()),
  DATABASE_CA: z.preprocess(
    absentWhenEmpty,
    z.string().includes("-----BEGIN CERTIFICATE-----").optional(),
  ),
  DATABASE_POOL_SIZE: z.preprocess(
    absentWhenEmpty,
    z.coerce.number().int().min(1).max(50).default(DEFAULT_POOL_SIZE),
  ),
};

/**
 * Chooses the connection: DATABASE_URL, else the platform's SUPABASE_DB_URL.
 *
 * @returns null where the Data API is to be used.
 */
export function directSettings(
  variables: z.output<z.ZodObject<typeof directVariables>>,
): DirectSettings | null {
  const variable = variables.DATABASE_URL ? "DATABASE_URL" : "SUPABASE_DB_URL";
  const url = variables[variable];
  if (!url || variables.DATABASE_ACCESS === "data-api") return null;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port || 5432);
  return {
    variable,
    host,
    port,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)) || "postgres",
    tls: tlsOf(url.searchParams.get("sslmode"), host, variables.DATABASE_CA),
    poolSize: variables.DATABASE_POOL_SIZE,
    isSessionPooler: /\.pooler\.supabase\.com$/.test(host) && port === 5432,
  };
}

/** The TLS mode that the address states; by default on, except for hosts on a private network. */
function tlsOf(mode: string | null, host: string, ca: string | undefined): DirectSettings["tls"] {
  // This machine, or a name of a container's network such as `db`.
  const isPrivate = host === "127.0.0.1" || host === "::1" || /^[\w-]+$/.test(host);
  if (mode === "disable" || (mode === null && !ca && isPrivate)) return false;
  if (ca) return { rejectUnauthorized: true, ca };
  return { rejectUnauthorized: mode === "verify-full" || mode === "verify-ca" };
}
