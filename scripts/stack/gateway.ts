import { CommandError } from "../common/command-error.ts";
import { explain } from "../common/explain.ts";
import { methods, preflight } from "./preflight.ts";

/** Answers a request; the address is the peer's, null when unknown. */
export type Handler = (request: Request, peerAddress: string | null) => Promise<Response>;

/** The one address that clients know. */
export interface Gateway {
  /** Starts to forward requests, each to the first matching prefix. */
  open(routes: Record<string, Handler>): void;
  /** Stops listening; open answers get this many milliseconds to end. */
  close(milliseconds: number): Promise<void>;
}

/** APIs of the hosted platform that the stack does not have, and what to do instead. */
const absent: Record<string, string> = {
  graphql: "GraphQL is not part of the local stack. Use the Data API under /rest/v1.",
};

/**
 * Takes the port at once, so that no other process can while the rest starts, and answers 503 until
 * {@link Gateway.open}.
 *
 * @throws {CommandError} when the port is taken or not allowed.
 */
export function startGateway(port: number): Gateway {
  let routes: Record<string, Handler> | null = null;
  const cut = new AbortController();
  const server = listen(port, cut.signal, async (request, info) => {
    // `fetch` cannot forward other methods.
    if (!methods.includes(request.method)) return methodRefusal(request.method);
    if (routes === null) return refusal(503, "The stack is starting");
    const { pathname } = new URL(request.url);
    const route = Object.entries(routes).find(([prefix]) => pathname.startsWith(prefix));
    if (route === undefined) {
      return request.method === "OPTIONS"
        ? preflight(request)
        : missing(pathname, Object.keys(routes));
    }
    try {
      return await route[1](request, info.remoteAddr.hostname);
    } catch (error) {
      console.error(`${route[0]}: ${explain(error)}`);
      return refusal(500, "Internal server error");
    }
  });
  return {
    open: (given) => void (routes = given),
    async close(milliseconds) {
      const timer = setTimeout(() => cut.abort(), milliseconds);
      await server.shutdown();
      clearTimeout(timer);
    },
  };
}

function listen(
  port: number,
  signal: AbortSignal,
  handler: Deno.ServeHandler<Deno.NetAddr>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: "127.0.0.1", port, signal, onListen: () => {} }, handler);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new CommandError(
        `Cannot listen on port "${port}": it is in use. Stop what uses it, or choose another with API_PORT.`,
      );
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new CommandError(
        `Cannot listen on port "${port}": this user may not. Choose one above 1023 with API_PORT.`,
      );
    }
    throw error;
  }
}

function missing(pathname: string, served: readonly string[]): Response {
  const reason = absent[pathname.split("/")[1] ?? ""];
  if (reason !== undefined) return refusal(501, reason);
  const isBaseUrl = /^\/+functions(\/|$)/.test(pathname);
  return refusal(
    404,
    isBaseUrl
      ? `Nothing is at "${pathname}". Set the base URL to …/functions/v1, for clients of Anthropic to …/functions`
      : `Nothing is at "${pathname}": ${served.join(", ")} are here`,
  );
}

function methodRefusal(method: string): Response {
  const response = refusal(405, `The method ${method} is not allowed`);
  response.headers.set("allow", methods.join(", "));
  return response;
}

/** A refusal as the platform writes it, and as clients of OpenAI's API read it. */
function refusal(status: number, message: string): Response {
  const type = status < 500 ? "invalid_request_error" : "server_error";
  return Response.json({ message, error: { message, type, param: null, code: null } }, {
    status,
    headers: { "access-control-allow-origin": "*" },
  });
}
