import { type ApiError, toApiError } from "../_shared/core/errors.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import type { DatabaseConnection, DatabaseReport, HealthDatabase } from "./db.ts";
import { operations } from "./operations.ts";
import { handleProbe, type ProbeDeps } from "./probe/handle_probe.ts";

/** The dependencies of the health function. */
export interface HealthDeps extends RespondDeps, ProbeDeps {
  database: HealthDatabase;
}

/**
 * Answers the {@linkcode operations} of the function `health`: whether the database answers, for
 * anyone; the full report, with a secret key.
 *
 * The status is 200 for `ok` and `degraded`, so that a load balancer keeps an instance that works,
 * and 503 for `down`: the database does not answer.
 */
export function handleHealth(request: Request, deps: HealthDeps): Promise<Response> {
  const check = async (request: Request, context: RequestContext) => {
    const key = await deps.secretKeys.nameOf(request);
    const { report, failure } = key === null ? await liveness(deps) : await wholePicture(deps);
    if (failure) {
      context.fields.cause = failure.cause instanceof Error ? failure.cause.message : null;
    }
    context.fields.health = report.status;
    return Response.json(report, { status: failure ? 503 : 200 });
  };
  const probe = (request: Request, context: RequestContext) => handleProbe(request, context, deps);
  return respond(request, "health", operations, { check, probe }, deps);
}

/** The status, and why the database does not answer. */
interface Picture {
  report: {
    status: "ok" | "degraded" | "down";
    /** Why it is degraded, for the operator only. */
    problems?: string[];
    checks: Record<string, unknown>;
  };
  failure: ApiError | null;
}

async function liveness({ database, now }: HealthDeps): Promise<Picture> {
  const startedAt = now();
  const failure = await database.ping().then(() => null, toApiError);
  const check = {
    status: failure ? "unreachable" : "ok",
    latency_ms: now() - startedAt,
  };
  return { report: { status: failure ? "down" : "ok", checks: { database: check } }, failure };
}

async function wholePicture(deps: HealthDeps): Promise<Picture> {
  const { database, now } = deps;
  const startedAt = now();
  const asked = Promise.all([database.report(), database.connection()]);
  const [answer, redis] = await Promise.all([
    asked.then(([report, connection]) => {
      return { report, connection, latency_ms: now() - startedAt };
    }, toApiError),
    checkRedis(deps),
  ]);
  if (answer instanceof Error) {
    const reason = answer.cause instanceof Error ? answer.cause.message : answer.code;
    const check = { status: "unreachable", latency_ms: now() - startedAt, reason };
    return { report: { status: "down", checks: { database: check, redis } }, failure: answer };
  }
  const { report, connection, latency_ms } = answer;
  const problems = [...report.problems, ...connectionProblems(connection)];
  const whole = { ...report, problems, database: { ...report.database, connection } };
  return { report: describe(whole, latency_ms, redis), failure: null };
}

/** Problems of the functions' connection. */
function connectionProblems(connection: DatabaseConnection): string[] {
  const { statement_timeout_ms, connections, max_connections } = connection;
  return [
    ...statement_timeout_ms === 0 ? ["no_statement_timeout"] : [],
    ...connections > 0.9 * max_connections ? ["connections_nearly_exhausted"] : [],
  ];
}

function describe(
  { status, problems, database, ...others }: DatabaseReport,
  latency_ms: number,
  redis: RedisCheck,
): Picture["report"] {
  const all = redis.status === "unreachable" ? [...problems, "redis_unreachable"] : problems;
  return {
    status: all.length > 0 ? "degraded" : status,
    problems: all,
    checks: { database: { status: "ok", latency_ms, ...database }, redis, ...others },
  };
}

interface RedisCheck {
  status: "ok" | "unreachable" | "not_configured";
  latency_ms?: number;
}

async function checkRedis({ redis, now }: HealthDeps): Promise<RedisCheck> {
  if (redis === null) return { status: "not_configured" };
  const startedAt = now();
  const answer = await redis.attempt((client) => client.ping());
  return {
    status: answer?.value === "PONG" ? "ok" : "unreachable",
    latency_ms: now() - startedAt,
  };
}
