import { ApiError } from "../_shared/core/errors.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import { operations } from "./operations.ts";

/** The functions that clients of OpenAI and Anthropic call below their base URL. */
const SERVED = new Set([
  "audio",
  "chat",
  "embeddings",
  "images",
  "messages",
  "models",
  "moderations",
  "responses",
]);

/**
 * Answers the {@linkcode operations} of the function `v1`. Clients of Anthropic and some of OpenAI
 * append `/v1` themselves: with a base URL that has it already, they call
 * `/functions/v1/v1/messages`. A 308 keeps the method, the body and, on the same host, the
 * credential.
 */
export function handleV1(request: Request, deps: RespondDeps): Promise<Response> {
  const redirect = (request: Request, { params: { path = "" } }: RequestContext) => {
    // Clients may repeat it once more.
    const segments = path.replace(/^(v1\/)+/, "").split("/");
    // Dots that were encoded in one segment, such as a model's name, would lead to another path.
    const isServed = SERVED.has(segments[0] ?? "") && !segments.some((it) => /^\.{1,2}$/.test(it));
    if (!isServed) throw unknownPath(path);
    const rest = segments.map(encodeURIComponent).join("/");
    const location = `/functions/v1/${rest}${new URL(request.url).search}`;
    return new Response(null, { status: 308, headers: { location } });
  };
  const handlers = { get: redirect, post: redirect, remove: redirect };
  return respond(request, "v1", operations, handlers, deps);
}

function unknownPath(path: string): ApiError {
  const served = [...SERVED].map((name) => `/${name}`).join(", ");
  return new ApiError(
    "unknown_path",
    `Cannot find /v1/${
      path.slice(0, 100)
    }. Set the base URL to …/functions/v1 for clients of OpenAI, and to …/functions for those of Anthropic, which append /v1. There are ${served}.`,
  );
}
