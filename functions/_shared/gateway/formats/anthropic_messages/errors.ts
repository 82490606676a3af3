import { z } from "zod";
import type { ErrorCode } from "../../../core/error_codes.ts";
import type { ErrorFormat } from "../../../http/error_format.ts";

/** The `type` of each status, as Anthropic's reference lists them. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [401, "authentication_error"],
  [402, "billing_error"],
  [403, "permission_error"],
  [404, "not_found_error"],
  [409, "conflict_error"],
  [413, "request_too_large"],
  [429, "rate_limit_error"],
  [504, "timeout_error"],
]);

/** Failures caused by temporary overload. */
const OVERLOADED: ReadonlySet<ErrorCode> = new Set(["circuit_open", "server_busy"]);

const schema = z.object({
  type: z.literal("error"),
  error: z.looseObject({
    type: z.string(),
    message: z.string().describe("What failed, why, and what to do."),
    param: z.string().optional().describe("The field that caused the error."),
    code: z.string().describe("Stable, for programs to branch on."),
  }),
  request_id: z.string().nullable(),
}).describe("The format of errors of /messages. docs/errors.md lists the codes.");

/** Errors in the format of Anthropic's API. */
export const anthropicErrors: ErrorFormat = {
  name: "MessagesError",
  schema,
  write({ status, message, param, code, details }, requestId) {
    const usual = status >= 500 ? "api_error" : "invalid_request_error";
    const type = OVERLOADED.has(code) ? "overloaded_error" : TYPES.get(status) ?? usual;
    const error = { type, message, ...param !== null && { param }, code, ...details };
    return { status, body: { type: "error", error, request_id: requestId } };
  },
};
