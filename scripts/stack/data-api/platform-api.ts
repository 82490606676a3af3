import { AsyncLocalStorage } from "node:async_hooks";
import { App } from "@supabase/lite";
import { createPostgresConnection } from "@supabase/lite/postgres";
import { allowBrowsers } from "./allow-browsers.ts";
import { createAuthAdmin } from "./auth-admin.ts";
import { completeSession } from "./complete-session.ts";
import { DataApiConnection } from "./connection.ts";
import { createLocalMail, siteUrl } from "./local-mail.ts";
import { acceptPublishedTokens } from "./published-tokens.ts";
import { separateConnections } from "./separate-connections.ts";
import { preflight } from "../preflight.ts";
import { wireValues } from "./wire-values.ts";

/** What the two APIs need to know. */
export interface PlatformApiOptions {
  /** Builds the connection string of a database role. */
  databaseUrl: (role: string) => string;
  /** Base URL under which clients reach the APIs. */
  apiUrl: string;
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
  /** Where another issuer publishes its keys; absent if only the stack's secret signs tokens. */
  jwksUrl?: string | undefined;
  /** Prints an e-mail for the person at the terminal. */
  report: (text: string) => void;
}

/** The Data API and the Auth API. */
export interface PlatformApi {
  /** Answers `/rest/v1/…` and `/auth/v1/…`. */
  fetch(request: Request, peerAddress: string | null): Promise<Response>;
  close(): Promise<void>;
}

/**
 * The platform's Data API (`/rest/v1`) and Auth API (`/auth/v1`) on a prepared database.
 *
 * They are two instances of one library because on the platform they are two servers, with two
 * database roles: what `authenticator` or `supabase_auth_admin` may not do there fails here too.
 */
export async function createPlatformApi(options: PlatformApiOptions): Promise<PlatformApi> {
  const data = await createDataApi(options);
  const auth = createAuthApi(options);
  return {
    async fetch(request, peerAddress) {
      if (request.method === "OPTIONS") return preflight(request);
      const isAuth = new URL(request.url).pathname.startsWith("/auth/v1/");
      return await (isAuth ? auth : data).fetch(request, peerAddress);
    },
    async close() {
      await Promise.all([data.close(), auth.close()]);
    },
  };
}

/** The configuration of both instances of the library. */
function sharedConfiguration({ publishableKey, secretKey, jwtSecret }: PlatformApiOptions) {
  return {
    auth: {
      enabled: true,
      jwt_secret: jwtSecret,
      publishable_key: publishableKey,
      secret_key: secretKey,
      site_url: siteUrl,
      email: { enable_confirmations: false },
    },
    db: { migrations: { enabled: false } },
    storage: { enabled: false },
    studio: { enabled: false },
  };
}

async function createDataApi(options: PlatformApiOptions): Promise<PlatformApi> {
  // The library passes only the caller to its connection, not the rest of the request.
  const requests = new AsyncLocalStorage<Request>();
  const connection = new DataApiConnection({
    currentRequest: () => requests.getStore() ?? null,
    url: options.databaseUrl("authenticator"),
    catalogueUrl: options.databaseUrl("supabase_admin"),
  });
  await connection.watchSchema();
  const data = new App({
    ...sharedConfiguration(options),
    api: { schemas: ["public"], extra_search_path: ["public", "extensions"], max_rows: 1000 },
    connection,
    options: {
      server: {
        // The library would look the user and the session up in schema auth before each request. The
        // Data API verifies the token and nothing more, as PostgREST does: say it has been done.
        middlewares: [(context, next) => {
          context.set("userId", "verified by the data api");
          context.set("sessionId", "verified by the data api");
          return next();
        }],
      },
    },
  });
  const accept = acceptPublishedTokens(options);
  return {
    async fetch(received, peerAddress) {
      const request = await accept(received);
      if (request instanceof Response) return request;
      return await requests.run(request, async () => await data.fetch(request, { peerAddress }));
    },
    close: () => connection.close(),
  };
}

function createAuthApi(options: PlatformApiOptions): PlatformApi {
  const { databaseUrl, apiUrl, secretKey, jwtSecret, report } = options;
  const url = databaseUrl("supabase_auth_admin");
  const connection = createPostgresConnection({
    url,
    postgresOptions: { max: 5, onnotice: () => {}, types: { ...wireValues, ...authTimes } },
  });
  const endConnections = separateConnections(connection.driver);
  const mail = createLocalMail({ apiUrl, report });
  const auth = new App({
    ...sharedConfiguration(options),
    connection,
    options: { drivers: { email: mail.driver } },
  });
  const admin = createAuthAdmin({ url, secretKey, jwtSecret });
  const signing = {
    issuer: `${apiUrl}/auth/v1`,
    jwtSecret,
    readUser: async (token: string) =>
      await auth.fetch(
        new Request(`${apiUrl}/auth/v1/user`, {
          headers: { apikey: options.publishableKey, authorization: `Bearer ${token}` },
        }),
      ),
  };
  return {
    async fetch(request, peerAddress) {
      const administered = await admin.fetch(request);
      if (administered !== null) return allowBrowsers(administered);
      return allowBrowsers(
        await completeSession(
          await mail.during(request, async () => await auth.fetch(request, { peerAddress })),
          signing,
        ),
      );
    },
    async close() {
      await Promise.all([connection.close(), endConnections(), admin.close()]);
    },
  };
}

/** The Auth API writes times in UTC with a Z. */
const authTimes = {
  timestamptz: {
    to: 1184,
    from: [1184],
    serialize: String,
    parse: (text: string) => text.replace(" ", "T").replace(/\+00$/, "Z"),
  },
};
