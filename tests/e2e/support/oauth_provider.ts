import type postgres from "postgres";
import { type OAuthServer, startOAuthServer } from "../../functions/support/oauth_server.ts";
import { openDatabase } from "./stack.ts";

/** The provider for which the stack under test has a client. */
export const PROVIDER = "e2e_provider";

/** A provider of this test's own: a row, and a server on a loopback port. */
export interface OwnProvider extends AsyncDisposable {
  server: OAuthServer;
  sql: postgres.Sql;
  /** Leaves the access token of a person this many seconds, and no one at rest. */
  makeDue(userId: string, seconds?: number): Promise<void>;
}

/** Adds the provider. Its tokens all contain the mark. */
export async function startProvider(mark = "token"): Promise<OwnProvider> {
  const server = startOAuthServer(mark);
  const database = openDatabase();
  const { sql } = database;
  await sql`
    insert into public.oauth_providers (id, name, token_endpoint)
    values (${PROVIDER}, 'E2E', ${server.endpoint})`;
  return {
    server,
    sql,
    async makeDue(userId, seconds = 30) {
      await sql`
        update public.mcp_sessions
        set oauth_issued_at = now() - interval '1 hour', oauth_expires_at = now() + make_interval(secs => ${seconds}),
          oauth_lease = null, oauth_lease_until = null
        where user_id = ${userId} and oauth_provider = ${PROVIDER}`;
    },
    async [Symbol.asyncDispose]() {
      await sql`delete from public.oauth_providers where id = ${PROVIDER}`;
      await database[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
