import type { ConnectionContextOptions, IntrospectResult, VarsContext } from "@supabase/lite";
import { PostgresConnection } from "@supabase/lite/postgres";
import { z } from "zod";
import { postgrestStatus } from "./postgrest-status.ts";
import { separateConnections } from "./separate-connections.ts";
import { viewKeys } from "./view-keys.ts";
import { wireValues } from "./wire-values.ts";

/** How the Data API reaches the database. */
export interface DataApiConnectionOptions {
  /** Connection string of `authenticator`, who runs the requests. */
  url: string;
  /** Connection string of a role that sees the whole catalogue, to learn the schema from. */
  catalogueUrl: string;
  /** The request that is being answered; null outside of one. */
  currentRequest: () => Request | null;
}

/**
 * The Data API's connection, made to behave as PostgREST does on the platform.
 *
 * The stock connection ends up running requests as a superuser, and the first time it meets row level
 * security it grants every table to every API role. This one connects as `authenticator`, takes on the
 * role of the request in a transaction and grants nothing: what a migration does not grant is refused.
 */
export class DataApiConnection extends PostgresConnection {
  readonly #catalogue: PostgresConnection;
  readonly #endConnections: (() => Promise<void>)[];
  readonly #timeouts: Promise<Map<string, string>>;
  readonly #currentRequest: () => Request | null;
  /** The function that is called before each request; null for none. */
  #preRequest: Promise<string | null> | null = null;
  #schema: Promise<IntrospectResult> | null = null;

  constructor(options: DataApiConnectionOptions) {
    super({ url: options.url, postgresOptions: { types: wireValues, onnotice: () => {} } });
    this.#catalogue = new PostgresConnection({
      url: options.catalogueUrl,
      postgresOptions: { max: 2, onnotice: () => {} },
    });
    this.#endConnections = [this.driver, this.#catalogue.driver].map(separateConnections);
    this.#timeouts = this.#readTimeouts();
    this.#currentRequest = options.currentRequest;
  }

  /** Reads schema and configuration again before the next request, whenever Postgres reports a change. */
  async watchSchema(): Promise<void> {
    await this.#catalogue.driver.listen("pgrst", () => {
      this.#schema = null;
      this.#preRequest = null;
    });
  }

  override introspect(): Promise<IntrospectResult> {
    return this.#schema ??= this.#readSchema();
  }

  override async withContext<T>(
    context: VarsContext | undefined,
    work: (database: typeof this.kysely) => Promise<T>,
    options?: ConnectionContextOptions,
  ): Promise<T> {
    if (context === undefined) return await work(this.kysely);
    const settings = await this.#requestSettings(context, options?.rpc);
    return await this.kysely.transaction().execute(async (transaction) => {
      await transaction.selectNoFrom((expression) =>
        Object.entries(settings).map(([name, value], index) =>
          expression.fn("set_config", [
            expression.val(name),
            expression.val(value),
            expression.val(true),
          ]).as(`setting_${index}`)
        )
      ).execute();
      const preRequest = await (this.#preRequest ??= this.#readPreRequest());
      if (preRequest !== null) {
        await transaction.selectNoFrom((expression) => expression.fn(preRequest).as("checked"))
          .execute();
      }
      return await work(transaction);
    });
  }

  /**
   * Gives the API an error in the form in which it passes any status on. Left to itself it reports a
   * failed check or a `raise exception` as an internal error.
   */
  override normalizeDbError(error: unknown): unknown {
    const parsed = databaseError.safeParse(error);
    if (!parsed.success) return isConnectionError(error) ? noConnection : error;
    const { code, message, detail, hint } = parsed.data;
    // The API prints this error; one line is enough.
    const inspect = { [Symbol.for("Deno.customInspect")]: () => `data api: ${code} ${message}` };
    if (code.startsWith("PT") || code === "PGRST" || code === "42501") {
      return { code, message, detail, hint, ...inspect };
    }
    return {
      code: "PGRST",
      message: JSON.stringify({ code, message, details: detail, hint }),
      detail: JSON.stringify({ status: postgrestStatus(code), headers: {} }),
      ...inspect,
    };
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.#catalogue.close()]);
    await Promise.all(this.#endConnections.map((end) => end()));
  }

  async #requestSettings(
    context: VarsContext,
    rpc: ConnectionContextOptions["rpc"],
  ): Promise<Record<string, string>> {
    const { role, jwt } = callerSchema.parse(context.auth ?? {});
    const claims = jwt ?? { role };
    const timeout = (await this.#timeouts).get(role);
    const request = this.#currentRequest();
    return {
      ...timeout === undefined ? {} : { statement_timeout: timeout },
      ...rpc?.readOnly ? { transaction_read_only: "on" } : {},
      "request.jwt.claims": JSON.stringify(claims),
      "request.method": request?.method ?? "",
      "request.path": request === null
        ? ""
        : new URL(request.url).pathname.replace(/^\/rest\/v1/, ""),
      "request.headers": JSON.stringify(shownHeaders(request?.headers)),
      "response.status": "",
      "response.headers": "",
      // Last: Postgres refuses here what `authenticator` may not become.
      role,
    };
  }

  /** What PostgREST reads from its role's settings as `db-pre-request`. */
  async #readPreRequest(): Promise<string | null> {
    const rows = await this.#catalogue.driver<{ option_value: string }[]>`
      select o.option_value
      from pg_catalog.pg_db_role_setting s
      join pg_catalog.pg_roles r on r.oid = s.setrole and r.rolname = 'authenticator',
        pg_catalog.pg_options_to_table(s.setconfig) o
      where o.option_name = 'pgrst.db_pre_request'`;
    return rows[0]?.option_value ?? null;
  }

  async #readSchema(): Promise<IntrospectResult> {
    const [schema, keys] = await Promise.all([
      this.#catalogue.introspect(),
      viewKeys(this.#catalogue.driver),
    ]);
    return { ...schema, primary_keys: [...schema.primary_keys, ...keys] };
  }

  /** `set role` does not apply a role's own timeouts; PostgREST does, and so do we. */
  async #readTimeouts(): Promise<Map<string, string>> {
    const rows = await this.#catalogue.driver<{ rolname: string; option_value: string }[]>`
      select r.rolname, o.option_value
      from pg_catalog.pg_roles r, pg_catalog.pg_options_to_table(r.rolconfig) o
      where o.option_name = 'statement_timeout'`;
    return new Map(rows.map((row) => [row.rolname, row.option_value]));
  }
}

/** The caller that the API found: the role of its key, or of its verified token. */
const callerSchema = z.object({
  role: z.string().default("anon"),
  jwt: z.record(z.string(), z.unknown()).nullish(),
});

/** Headers that hold a credential. */
const CREDENTIALS: ReadonlySet<string> = new Set(["authorization", "apikey", "cookie"]);

/**
 * The headers that SQL gets, without credentials: settings are parameters, which a statement log
 * shows.
 */
function shownHeaders(headers = new Headers()): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => !CREDENTIALS.has(name)));
}

/** How the library, or the system below it, names what happened to a connection. */
function isConnectionError(error: unknown): boolean {
  const code: unknown = error instanceof Error && Reflect.get(error, "code");
  return typeof code === "string" && /^(CONNECT|ECONN|EPIPE|ETIMEDOUT)/.test(code);
}

/** What PostgREST answers while it has no connection: 503. */
const noConnection = {
  code: "PGRST",
  message: JSON.stringify({
    code: "PGRST001",
    message: "Database client error. Retrying the connection.",
    details: null,
    hint: null,
  }),
  detail: JSON.stringify({ status: 503, headers: {} }),
  [Symbol.for("Deno.customInspect")]: () => "data api: no connection to the database",
};

const databaseError = z.object({
  code: z.string(),
  message: z.string(),
  severity: z.string(),
  detail: z.string().optional(),
  hint: z.string().optional(),
});
