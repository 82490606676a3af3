import type postgres from "postgres";
import { type OAuthServer, startOAuthServer } from "../../functions/support/oauth_server.ts";
import { openDatabase } from "./stack.ts";

/** The provider for which the stack under test has a client. */
export const PROVIDER = "e2e_provider";

/** A separate provider for a test: a row, and a server on a loopback port. */
export interface OwnProvider extends AsyncDisposable {
  server: OAuthServer;
  sql: postgres.Sql;
  /** Makes the access token of a person expire in this many seconds, and ends any pause. */
  makeDue(userId: string, seconds?: number): Promise<void>;
}

/** Adds the provider. All its tokens contain the mark. */
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
