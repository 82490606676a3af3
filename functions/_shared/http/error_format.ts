import type { z } from "zod";
import type { ErrorCode } from "../core/error_codes.ts";
import type { ApiError } from "../core/errors.ts";

/** An error in the form in which it is sent. */
export interface WrittenError {
  /** The HTTP status; meaningless where the error comes within a stream. */
  status: number;
  body: object;
}

/** How a wire format writes errors. */
export interface ErrorFormat {
  /** Name of the body's schema in the OpenAPI document. */
  readonly name: string;
  readonly schema: z.ZodType;
  /**
   * Writes an error.
   *
   * @param requestId Id of the request; null where the error comes within a stream.
   */
  write(error: ApiError, requestId: string | null): WrittenError;
}

/** Conflicts with a running request, which is about to end. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  "invitation_in_progress",
  "oauth_tokens_busy",
  "request_in_progress",
  "session_busy",
  "too_many_changes",
  "usage_is_being_counted",
]);

/** Failures of the server that last until an operator acts. */
const LASTING: ReadonlySet<ErrorCode> = new Set([
  "api_format_not_supported",
  "function_calls_not_configured",
  "function_misconfigured",
  "keys_not_configured",
  "oauth_provider_not_configured",
  "undecryptable",
  "upstream_credential_rejected",
  "vendor_misconfigured",
  "vendor_not_configured",
]);

/** Whether the same request may succeed when it is sent again soon. */
export function mayPass({ status, code }: ApiError): boolean {
  if (status === 409) return PASSING.has(code);
  return status === 408 || status === 429 || (status >= 500 && !LASTING.has(code));
}
