import type { ApiError } from "../../../core/errors.ts";
import { type ErrorFormat, mayPass } from "../../../http/error_format.ts";
import { openaiErrors } from "../../../http/openai_errors.ts";

/*
 * Errors as clients of OpenAI's responses read them. Codex repeats every status but 400 up to 19 times,
 * and within a stream every code that it does not know; the AI SDK repeats 409, 429 and 5xx. So what the
 * same request would get again is answered with 400, except where clients have an error of their own for
 * the status. Seen of codex-cli 0.171.0 and ai 7.0.173, November 2026; docs/clients.md has a table.
 */

/** Statuses for which clients have an error of their own. */
const OWN: ReadonlySet<number> = new Set([400, 401, 403, 404, 405]);

/** What OpenAI says of an earlier response that cannot be continued. */
const PREVIOUS_NOT_FOUND = {
  message:
    "Previous response not found, or it is not yours. Name one that was answered and stored, or send the whole conversation.",
  type: "invalid_request_error",
  param: "previous_response_id",
  code: "previous_response_not_found",
};

/** Errors of /responses. */
export const responsesErrors: ErrorFormat = {
  ...openaiErrors,
  write(error, requestId) {
    const { status, body } = openaiErrors.write(error, requestId);
    if (error.code === "turn_not_found") {
      // OpenAI's status for it, and its clients end with it; a 404 they repeat.
      return { status: 400, body: { error: PREVIOUS_NOT_FOUND } };
    }
    return { status: OWN.has(status) || mayPass(error) ? status : 400, body };
  },
};

/** What a response says of why it failed. */
export interface Failure {
  /** One that OpenAI's clients know. */
  code: string;
  message: string;
  type: string;
  /** The code of the error everywhere else. */
  reason: string;
}

/** The error of a response that failed, in the words by which clients decide whether to repeat it. */
export function failureOf(error: ApiError): Failure {
  const [code, type] = failureCode(error);
  return { code, message: error.message, type, reason: error.code };
}

function failureCode(error: ApiError): [code: string, type: string] {
  if (error.code === "context_length_exceeded") return [error.code, "invalid_request_error"];
  if (error.status === 402) return ["insufficient_quota", "insufficient_quota"];
  if (error.status === 429) return ["rate_limit_exceeded", "rate_limit_error"];
  return mayPass(error)
    ? ["server_error", "server_error"]
    : ["invalid_prompt", "invalid_request_error"];
}
