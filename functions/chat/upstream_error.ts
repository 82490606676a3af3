import { z } from "zod";
import { ApiError } from "../_shared/errors.ts";

const MAX_MESSAGE_LENGTH = 500;

/** The shapes in which vendors wrap the sentence that says what went wrong. */
const errorBody = z.union([
  z.object({ error: z.object({ message: z.string(), code: z.unknown().optional() }) }),
  z.object({ error: z.string() }).transform(({ error }) => ({
    error: { message: error, code: undefined },
  })),
  z.object({ message: z.string() }).transform(({ message }) => ({
    error: { message, code: undefined },
  })),
]);

/**
 * Maps an upstream's error answer to ours. Faults of the request are explained in the vendor's words;
 * faults of our credential or of the vendor are not the caller's business and stay generic.
 *
 * @param status The upstream's status.
 * @param headers The upstream's headers, for `retry-after`.
 * @param body Its body, as much of it as was read.
 * @param secret The credential that was used, to be struck from anything that is repeated.
 */
export function upstreamError(
  status: number,
  headers: Headers,
  body: string,
  secret: string,
): ApiError {
  const { message, code } = reason(body, secret);
  if ([400, 413, 415, 422].includes(status)) {
    // The words may quote what the caller said: they are the caller's, and not for the log.
    return new ApiError(
      400,
      code === "context_length_exceeded" ? code : "upstream_rejected_request",
      `The model's provider refuses the request: ${message}`,
      { cause: new Error(`upstream: ${status}`) },
    );
  }
  const cause = new Error(`upstream: ${status}: ${message}`);
  const retry = retryAfter(headers);
  if (status === 429) {
    return new ApiError(
      429,
      "rate_limit_exceeded",
      "Cannot call the model now: its provider limits how often it may be called. Try again later.",
      { cause, headers: retry },
    );
  }
  if (status === 401 || status === 402 || status === 403) {
    return new ApiError(
      502,
      "upstream_credential_rejected",
      "Cannot call the model: its provider refuses this server's credential. The operator must renew it.",
      { cause },
    );
  }
  if (status === 408 || status === 504) return timedOut("the provider itself timed out", cause);
  return new ApiError(
    502,
    "upstream_error",
    `Cannot get an answer from the model: its provider answered with status ${status}. Try again, or choose another model.`,
    { cause, headers: retry },
  );
}

/** The error for an upstream that names an error where an answer should be: in a 200. */
export function reportedError(error: unknown, secret: string): ApiError {
  const { message } = reason(JSON.stringify({ error }), secret);
  return new ApiError(
    502,
    "upstream_error",
    "Cannot get an answer from the model: its provider reported an error. Try again, or choose another model.",
    { cause: new Error(`upstream: in a 200: ${message}`) },
  );
}

/** The error for an answer that is not what the wire format promises. */
export function invalidAnswer(what: string): ApiError {
  return new ApiError(
    502,
    "upstream_invalid_response",
    "Cannot read the model's answer: its provider does not keep to the OpenAI format. Try again, or choose another model.",
    { cause: new Error(`upstream: ${what}`) },
  );
}

/** The error for an answer that stopped before its end. */
export function interrupted(cause?: unknown): ApiError {
  return new ApiError(
    502,
    "upstream_interrupted",
    "The model's answer is incomplete: the connection to its provider broke off. Send the request again.",
    { cause },
  );
}

/** The error for an upstream that took too long. */
export function timedOut(what: string, cause?: unknown): ApiError {
  return new ApiError(
    504,
    "upstream_timeout",
    `Cannot wait longer for the model: ${what}. Try again, or choose another model.`,
    { cause },
  );
}

function reason(body: string, secret: string): { message: string; code: unknown } {
  let parsed;
  try {
    parsed = errorBody.safeParse(JSON.parse(body));
  } catch {
    // Not JSON: a proxy's page, which explains nothing to a caller.
  }
  if (!parsed?.success) return { message: "no explanation was given.", code: undefined };
  const { message, code } = parsed.data.error;
  return { message: clean(message, secret), code };
}

/** Upstream text is hostile until shown otherwise: no control characters, no keys, no essays. */
function clean(message: string, secret: string): string {
  const struck = secret ? message.replaceAll(secret, "[redacted]") : message;
  return struck
    .replaceAll(/\b(sk|pk|key|gsk|xai)[-_][A-Za-z0-9_*.-]{8,}|\bAIza[\w-]{20,}/g, "[redacted]")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .toWellFormed().trim().slice(0, MAX_MESSAGE_LENGTH);
}

/** Passes on the waiting time, in the two forms that clients understand, if it is one. */
function retryAfter(headers: Headers): Record<string, string> {
  const passed: Record<string, string> = {};
  const after = headers.get("retry-after");
  if (after && (/^\d{1,6}$/.test(after) || !Number.isNaN(Date.parse(after)))) {
    passed["retry-after"] = after.slice(0, 40);
  }
  const afterMs = headers.get("retry-after-ms");
  if (afterMs && /^\d{1,9}$/.test(afterMs)) passed["retry-after-ms"] = afterMs;
  return passed;
}
