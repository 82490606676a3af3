import type { z } from "zod";
import type { ErrorCode } from "../core/error_codes.ts";
import { ApiError } from "../core/errors.ts";
import { fieldPath } from "../core/field_path.ts";

/**
 * Validates the body of a request.
 *
 * @throws {ApiError} 400 that names the field at fault in `param`.
 */
export function parseBody<Body>(schema: z.ZodType<Body>, body: object): Body {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  // SAFETY: a failed parse has at least one issue.
  throw invalid(innermost(parsed.error.issues[0]!), body);
}

/** The error for a field whose value cannot be used. */
export function invalidField(param: string, code: ErrorCode, reason: string): ApiError {
  return new ApiError(code, `Cannot use "${param}": ${reason}.`, { param });
}

/** For a value that may have several forms, the problem with the form that it is closest to. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union") return issue;
  // One that is only too long has the right form, whatever its elements are to the others.
  const [long] =
    issue.errors.find(([only, ...more]) =>
      only?.code === "too_big" && only.path.length === 0 && more.length === 0
    ) ?? [];
  if (long) return { ...long, path: issue.path };
  const inner = issue.errors.flatMap((issues) => issues.slice(0, 1)).map(innermost)
    .reduce((a, b) => b.path.length > a.path.length ? b : a, { ...issue, path: [] });
  return inner.path.length === 0 ? issue : { ...inner, path: [...issue.path, ...inner.path] };
}

function invalid(issue: z.core.$ZodIssue, body: object): ApiError {
  if (issue.code === "unrecognized_keys") {
    const unknown = fieldPath([...issue.path, issue.keys[0] ?? ""]);
    return invalidField(unknown, "unknown_parameter", "unknown parameter. Omit it");
  }
  const param = fieldPath(issue.path);
  if (valueAt(body, issue.path) === undefined) {
    return invalidField(param, "missing_required_parameter", "it is required");
  }
  const code = issue.code === "invalid_type" ? "invalid_type" : "invalid_value";
  // Removes the library's own beginning of the sentence.
  const reason = issue.message.replace(/^Invalid (input|option): /, "").replace(/^Too /, "too ")
    .replace(/^Invalid (?=ISO )/, "expected an ").replace(/^Invalid (?=U)/, "expected a ");
  return invalidField(param, code, reason);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined,
    value,
  );
}
