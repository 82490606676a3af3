import { oauthClient } from "../../../scripts/test/support/oauth-client.ts";

/** A fault of a token endpoint. */
export type OAuthFault =
  /** Returns this answer and exchanges nothing. */
  | ((request: Request) => Response | Promise<Response>)
  /** Exchanges the token, and loses the answer. */
  | "lost"
  /** Exchanges the token, and changes the answer. */
  | { change: (answer: Record<string, unknown>) => unknown };

/** The tokens of a sign-in. */
export interface Grant {
  access_token: string;
  refresh_token: string;
  expires_in: number;
}

/**
 * An authorization server on a loopback port with the strictest rules: a refresh token is valid for
 * a single exchange, and using it again revokes all tokens of its sign-in.
 */
export interface OAuthServer extends AsyncDisposable {
  endpoint: string;
  /** Signs a person in. @param expiresIn Seconds for which the access token is valid. */
  signIn(expiresIn?: number): Grant;
  /** Revokes all tokens of a sign-in, as users can at the provider. */
  revoke(grant: Grant): void;
  /** Whether an access token is valid. */
  accepts(accessToken: string): boolean;
  /** The number of requested exchanges. */
  requests: number;
  /** The number of successful exchanges. */
  refreshes: number;
  /** The number of refresh tokens that were used again. */
  reuses: number;
  /** All issued tokens. */
  tokens: string[];
  /** How clients authenticated, one line per request. */
  clients: string[];
  fault: OAuthFault | null;
  /** Seconds for which a refreshed access token is valid. */
  expiresIn: number;
  /** Called before an exchange, which waits for it. */
  before: (() => Promise<void>) | null;
}

/** The client that is registered with the server. */
export const CLIENT = oauthClient;

interface Family {
  revoked: boolean;
}

/** Starts a server. All its tokens contain the mark. */
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

/** How the client authenticated, and with which id. */
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
