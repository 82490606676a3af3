import type { ApiError } from "../../../core/errors.ts";
import { type ErrorFormat, mayPass } from "../../../http/error_format.ts";
import { openaiErrors } from "../../../http/openai_errors.ts";

/*
 * Errors in the format of OpenAI's responses API. Codex retries every status but 400 up to 19
 * times, and within a stream every unknown code; the AI SDK retries 409, 429 and 5xx. An error that
 * a retry would only repeat is therefore sent as a 400, unless clients have a separate error class
 * for its status. Observed with codex-cli 0.171.0 and ai 7.0.173, November 2026; docs/clients.md
 * has a table.
 */

/** Statuses for which clients have a separate error class. */
const OWN: ReadonlySet<number> = new Set([400, 401, 403, 404, 405]);

/** OpenAI's error for an earlier response that cannot be continued. */
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
      // The status that OpenAI uses: clients give up after it, while they would retry a 404.
      return { status: 400, body: { error: PREVIOUS_NOT_FOUND } };
    }
    return { status: OWN.has(status) || mayPass(error) ? status : 400, body };
  },
};

/** The `error` of a failed response. */
export interface Failure {
  /** A code that OpenAI's clients know. */
  code: string;
  message: string;
  type: string;
  /** The code of the same error in all other formats. */
  reason: string;
}

/** The error of a failed response, with the code by which clients decide whether to retry. */
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
