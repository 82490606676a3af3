import { oauthClient } from "../../../scripts/test/support/oauth-client.ts";

/** What goes wrong at a token endpoint. */
export type OAuthFault =
  /** Any answer instead of the endpoint's own. Nothing is exchanged. */
  | ((request: Request) => Response | Promise<Response>)
  /** The exchange is made, and its answer lost on the way. */
  | "lost"
  /** The exchange is made, and its answer changed. */
  | { change: (answer: Record<string, unknown>) => unknown };

/** What a sign-in gives. */
export interface Grant {
  access_token: string;
  refresh_token: string;
  expires_in: number;
}

/**
 * An authorization server on a loopback port, as strict as the strictest: each refresh token is good
 * for one exchange, and one that is used twice ends everything that came of its sign-in.
 */
export interface OAuthServer extends AsyncDisposable {
  endpoint: string;
  /** Signs a person in. @param expiresIn Seconds that its access token is good for. */
  signIn(expiresIn?: number): Grant;
  /** Ends what came of a sign-in, as its person may at the provider. */
  revoke(grant: Grant): void;
  /** Whether an access token is good. */
  accepts(accessToken: string): boolean;
  /** Exchanges that were asked for. */
  requests: number;
  /** Exchanges that were made. */
  refreshes: number;
  /** Refresh tokens that were used twice. */
  reuses: number;
  /** Every token that was ever given out. */
  tokens: string[];
  /** How clients proved themselves, one line for each request. */
  clients: string[];
  fault: OAuthFault | null;
  /** Seconds that a refreshed access token is good for. */
  expiresIn: number;
  /** Called before an exchange; one that waits keeps it under way. */
  before: (() => Promise<void>) | null;
}

/** The client that the server knows. */
export const CLIENT = oauthClient;

interface Family {
  revoked: boolean;
}

/** Starts a server. Its tokens all contain the mark. */
export function startOAuthServer(mark = "token"): OAuthServer {
  const families = new Map<string, Family>();
  const accessTokens = new Map<string, Family>();
  const used = new Set<string>();
  let count = 0;

  function issue(family: Family): { access_token: string; refresh_token: string } {
    const number = ++count;
    const grant = {
      access_token: `${mark}.access.${number}`,
      refresh_token: `${mark}.refresh.${number}`,
    };
    families.set(grant.refresh_token, family);
    accessTokens.set(grant.access_token, family);
    server.tokens.push(...Object.values(grant));
    return grant;
  }

  function exchange(form: URLSearchParams): Response {
    const refreshToken = form.get("refresh_token") ?? "";
    const family = families.get(refreshToken);
    if (form.get("grant_type") !== "refresh_token" || !family || family.revoked) {
      return refusal("invalid_grant");
    }
    if (used.has(refreshToken)) {
      server.reuses++;
      family.revoked = true;
      return refusal("invalid_grant");
    }
    used.add(refreshToken);
    server.refreshes++;
    const answer = { ...issue(family), token_type: "Bearer", expires_in: server.expiresIn };
    const { fault } = server;
    if (fault === "lost") return new Response("gateway lost it", { status: 502 });
    return Response.json(typeof fault === "object" && fault ? fault.change(answer) : answer);
  }

  const listener = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      server.requests++;
      if (typeof server.fault === "function") return await server.fault(request);
      const form = new URLSearchParams(await request.text());
      const client = clientOf(request, form);
      server.clients.push(client);
      if (!/^(post|basic|none) /.test(client)) return refusal("invalid_client", 401);
      await server.before?.();
      return exchange(form);
    },
  );

  const server: OAuthServer = {
    endpoint: `http://127.0.0.1:${listener.addr.port}/token`,
    signIn: (expiresIn = 3600) => ({ ...issue({ revoked: false }), expires_in: expiresIn }),
    revoke: ({ refresh_token }) => {
      const family = families.get(refresh_token);
      if (family) family.revoked = true;
    },
    accepts: (token) => accessTokens.get(token)?.revoked === false,
    requests: 0,
    refreshes: 0,
    reuses: 0,
    tokens: [],
    clients: [],
    fault: null,
    expiresIn: 3600,
    before: null,
    [Symbol.asyncDispose]: () => listener.shutdown(),
  };
  return server;
}

/** How the client proved itself, and as whom. */
function clientOf(request: Request, form: URLSearchParams): string {
  const basic = request.headers.get("authorization")?.match(/^Basic (.+)$/)?.[1];
  if (basic) {
    const [id, secret] = atob(basic).split(":").map((part) =>
      decodeURIComponent(part.replaceAll("+", " "))
    );
    return id === CLIENT.id && secret === CLIENT.secret ? `basic ${id}` : "?";
  }
  if (form.get("client_id") !== CLIENT.id) return "?";
  if (!form.has("client_secret")) return `none ${CLIENT.id}`;
  return form.get("client_secret") === CLIENT.secret ? `post ${CLIENT.id}` : "?";
}

function refusal(error: string, status = 400): Response {
  return Response.json({ error, error_description: "No." }, { status });
}
