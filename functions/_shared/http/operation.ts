import type { z } from "zod";
import type { ErrorCode } from "../core/error_codes.ts";
import { ApiError } from "../core/errors.ts";
import type { RequestContext } from "./context.ts";
import { parseBody } from "./parse_body.ts";
import { readJson } from "./read_json.ts";

/**
 * Who may call an operation: `anyone`; a `person` by an access token of Supabase Auth; a `caller`,
 * that is a person or a program with an access key; an `operator` by a secret key; a `visitor` of a
 * website by the token of a widget's session.
 */
export type Audience = "anyone" | "person" | "caller" | "operator" | "visitor";

/** The body that a request carries. */
export interface RequestBody<Body = unknown> {
  schema: z.ZodType<Body>;
  /** A longer body is refused with 413. */
  maxBytes: number;
  /** Its content type; JSON if absent. */
  type?: "multipart/form-data";
  /** Whether a request without a body counts as `{}`. */
  optional?: boolean;
}

/** One operation of the API: the single source of its routing, validation and documentation. */
export interface Operation {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /**
   * OpenAPI's form. `{name}` is one segment; `{name+}` is everything that follows, slashes
   * included.
   */
  path: `/${string}`;
  /** One line in the imperative, for the reference. */
  summary: string;
  audience: Audience;
  body?: RequestBody;
  /** The body of a successful answer; null for none. */
  answers: { status: number; schema: z.ZodType | null; stream?: boolean };
  /** Error codes of this operation, beyond those that any operation may answer. */
  errors: readonly ErrorCode[];
}

/** The operations of a function, by name. */
export type Operations = Readonly<Record<string, Operation>>;

/** Handles an operation. May throw {@linkcode ApiError}. */
export type Handler = (request: Request, context: RequestContext) => Promise<Response> | Response;

/** A handler for each operation. */
export type Handlers<Of extends Operations> = Readonly<Record<keyof Of, Handler>>;

/**
 * Reads and validates the body that an operation declares.
 *
 * @throws {ApiError} 400 that names the field at fault in `param`; 413 for a body that is too long.
 */
export async function readBody<Body>(
  request: Request,
  { schema, maxBytes, optional = false }: RequestBody<Body>,
): Promise<Body> {
  const isAbsent = optional && request.body === null;
  return parseBody(schema, isAbsent ? {} : await readJson(request, maxBytes));
}

/** The operation that a request matched. */
export interface Match {
  handler: Handler;
  /** The operation's path, as declared. */
  route: string;
  /** The parameters of the path, decoded. */
  params: Readonly<Record<string, string>>;
}

/**
 * Finds the operation of a request. The platform leaves the function's name in the path. The prefix
 * `/functions/v1` is accepted in front of it, since hosts differ in what they strip, and so are
 * doubled and trailing slashes. `HEAD` is answered wherever `GET` is.
 *
 * @throws {ApiError} 404 for an unknown path, 405 with `allow` for a method that the path lacks.
 */
export function match<Of extends Operations>(
  request: Request,
  operations: Of,
  handlers: Handlers<Of>,
): Match {
  const path = new URL(request.url).pathname.replace(/\/{2,}/g, "/")
    .replace(/^\/functions\/v1(?=\/)/, "").replace(/(?<=.)\/$/, "");
  const method = request.method === "HEAD" ? "GET" : request.method;
  const allowed: string[] = [];
  for (const [name, operation] of Object.entries(operations)) {
    const params = paramsOf(path, operation.path);
    if (params === null) continue;
    const handler = handlers[name];
    if (operation.method === method && handler) return { handler, route: operation.path, params };
    allowed.push(operation.method);
  }
  if (allowed.length > 0) throw methodNotAllowed(request.method, path, allowed);
  const known = Object.values(operations).map(({ method, path }) => `${method} ${path}`).join(", ");
  throw new ApiError("unknown_path", `Unknown path. This function serves ${known}.`);
}

function methodNotAllowed(method: string, path: string, methods: readonly string[]): ApiError {
  const withHead = methods.flatMap((one) => one === "GET" ? ["GET", "HEAD"] : [one]);
  const allow = [...withHead, "OPTIONS"].join(", ");
  return new ApiError(
    "method_not_allowed",
    `Cannot ${method} ${path}: the method is not supported here. Use ${allow}.`,
    { headers: { allow } },
  );
}

/** The parameters of a path that matches a declared form; null if it does not match. */
function paramsOf(path: string, declared: string): Record<string, string> | null {
  if (!declared.includes("{")) return path === declared ? {} : null;
  const groups = path.match(patternOf(declared))?.groups;
  if (!groups) return null;
  // Postgres cannot store U+0000, so no id contains it.
  if (path.includes("%00")) return null;
  try {
    return Object.fromEntries(
      Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
  } catch {
    return null;
  }
}

const patterns = new Map<string, RegExp>();

function patternOf(declared: string): RegExp {
  const known = patterns.get(declared);
  if (known) return known;
  const source = declared.replace(
    /\{(\w+)(\+?)\}/g,
    (_all, name, more) => more ? `(?<${name}>.+)` : `(?<${name}>[^/]+)`,
  );
  const pattern = new RegExp(`^${source}$`);
  patterns.set(declared, pattern);
  return pattern;
}
