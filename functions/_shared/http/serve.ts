import { type Env, parseEnv } from "../core/env.ts";
import { ApiError } from "../core/errors.ts";
import { createLog } from "../core/log.ts";
import type { ErrorFormat } from "./error_format.ts";
import { openaiErrors } from "./openai_errors.ts";
import type { Operation } from "./operation.ts";
import { respond } from "./respond.ts";

/** A function as the platform imports it. */
export interface EdgeFunction {
  fetch: (request: Request) => Promise<Response>;
}

/**
 * Wires a function: reads the environment once, on the first request, and builds its handler. If
 * the environment is invalid, every request is answered with an error that names the variables.
 *
 * @param name The function's name, for the log.
 * @param build Makes the handler from the environment.
 * @param errors The format of the function's errors.
 */
export function defineFunction(
  name: string,
  build: (env: Env) => (request: Request) => Promise<Response>,
  errors: ErrorFormat = openaiErrors,
): EdgeFunction {
  let handler: ((request: Request) => Promise<Response>) | undefined;
  return {
    fetch: (request) => {
      try {
        handler ??= build(parseEnv(Deno.env.toObject()));
      } catch (thrown) {
        if (!(thrown instanceof ApiError)) throw thrown;
        return refuse(name, request, thrown, errors);
      }
      return handler(request);
    },
  };
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Answers every path with the error, and preflights as usual. */
function refuse(
  name: string,
  request: Request,
  error: ApiError,
  errors: ErrorFormat,
): Promise<Response> {
  const operations = Object.fromEntries(METHODS.map((method) => [method, failing(method)]));
  const fail = () => {
    throw error;
  };
  const handlers = Object.fromEntries(METHODS.map((method) => [method, fail]));
  const deps = { log: createLog(), now: Date.now };
  return respond(request, name, operations, handlers, deps, errors);
}

function failing(method: Operation["method"]): Operation {
  const answers = { status: 500, schema: null };
  return { method, path: "/{path+}", summary: "Fail", audience: "anyone", answers, errors: [] };
}
