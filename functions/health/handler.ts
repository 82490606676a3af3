import { toApiError } from "../_shared/errors.ts";
import { type Exchange, respond, type RespondDeps } from "../_shared/respond.ts";
import type { HealthDatabase } from "./db.ts";

/** The outside of the health function. */
export interface HealthDeps extends RespondDeps {
  database: HealthDatabase;
}

/** Answers GET and HEAD /health for anyone: 200 when the database answers, 503 when it does not. */
export function handleHealth(request: Request, deps: HealthDeps): Promise<Response> {
  const check = async (request: Request, { fields }: Exchange) => {
    const startedAt = deps.now();
    const failure = await deps.database.ping().then(() => null, toApiError);
    if (failure) fields.cause = failure.cause instanceof Error ? failure.cause.message : null;
    const database = {
      status: failure ? "unreachable" : "ok",
      latency_ms: deps.now() - startedAt,
    };
    const report = { status: failure ? "degraded" : "ok", checks: { database } };
    const response = Response.json(report, { status: failure ? 503 : 200 });
    return request.method === "HEAD" ? new Response(null, response) : response;
  };
  return respond(request, "health", { "/health": { GET: check, HEAD: check } }, deps);
}
