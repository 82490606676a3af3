import { ERROR_STATUS, type ErrorCode } from "./error_codes.ts";

/** Options of an {@linkcode ApiError}. */
export interface ApiErrorOptions {
  /** The field of the request that is at fault, as a path: `messages[0].role`. */
  param?: string;
  /** Response headers that belong to this error, such as `allow` or `retry-after`. */
  headers?: Record<string, string>;
  /** Further fields of the error, for programs. */
  details?: Record<string, string | number | null>;
  /** The status of a code that these functions do not know, from a newer database. */
  status?: number;
  /** The cause, for the log. Never shown to the caller. */
  cause?: unknown;
}

/**
 * An error meant for the caller. Its message is shown; its code and the status of that code are
 * part of the API contract.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: ErrorCode;
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly details: Readonly<Record<string, string | number | null>>;

  constructor(code: ErrorCode, message: string, options: ApiErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.status = options.status ?? ERROR_STATUS[code];
    this.code = code;
    this.param = options.param ?? null;
    this.headers = options.headers ?? {};
    this.details = options.details ?? {};
  }
}

/**
 * Turns anything that was thrown into an error that may be shown. Other errors become a generic
 * 500, with the original as its cause for the log.
 */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError(
    "internal_error",
    "Cannot answer the request: internal error. Try again. If it persists, report the value of the x-request-id header.",
    { cause: thrown },
  );
}
