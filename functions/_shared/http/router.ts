import { ApiError } from "../core/errors.ts";

/** Handlers of one path, by method. */
export type Methods<Handler> = Readonly<Record<string, Handler>>;

/** Handlers by path. A path that ends in `/*` takes the rest of the path as its parameter. */
export type Routes<Handler> = Readonly<Record<string, Methods<Handler>>>;

/** The handler of a request, and what its `/*` stood for (decoded; empty without one). */
export interface Match<Handler> {
  handler: Handler;
  route: string;
  rest: string;
}

/**
 * Finds the handler of a request. The platform leaves the function's name in the path; the prefix
 * `/functions/v1` is accepted in front of it, since hosts differ in what they strip.
 *
 * @throws {ApiError} 404 for an unknown path, 405 with `allow` for a method that the path lacks.
 */
export function match<Handler>(request: Request, routes: Routes<Handler>): Match<Handler> {
  const path = new URL(request.url).pathname.replace(/^\/functions\/v1(?=\/)/, "");
  for (const [route, methods] of Object.entries(routes)) {
    const rest = restOf(path, route);
    if (rest === null) continue;
    const handler = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
    if (handler) return { handler, route, rest };
    const allowed = [...Object.keys(methods), "OPTIONS"].join(", ");
    throw new ApiError(
      405,
      "method_not_allowed",
      `Cannot ${request.method} ${route}: the method is not supported here. Use ${allowed}.`,
      { headers: { allow: allowed } },
    );
  }
  const known = Object.entries(routes)
    .map(([route, methods]) => `${Object.keys(methods)[0]} ${route}`).join(", ");
  throw new ApiError(404, "unknown_path", `Cannot find this path. This function answers ${known}.`);
}

function restOf(path: string, route: string): string | null {
  if (!route.endsWith("/*")) return path === route ? "" : null;
  const prefix = route.slice(0, -1);
  if (!path.startsWith(prefix) || path.length === prefix.length) return null;
  try {
    return decodeURIComponent(path.slice(prefix.length));
  } catch {
    return null;
  }
}
