import type { ErrorCode } from "../core/error_codes.ts";

/** The error codes of every operation that runs a turn. */
export const TURN_ERRORS = [
  "model_not_found",
  "budget_exceeded",
  "rate_limit_exceeded",
  "idempotency_key_reused",
  "request_in_progress",
  "circuit_open",
  "server_busy",
  "vendor_not_configured",
  "upstream_error",
  "upstream_timeout",
] as const satisfies ErrorCode[];

/** Those of a turn that continues a session. */
export const SESSION_ERRORS = [
  "session_not_found",
  "session_busy",
  "session_ended",
  "message_too_long",
] as const satisfies ErrorCode[];

/** Those of a turn that is part of a workflow's execution. */
export const EXECUTION_ERRORS = [
  "execution_not_found",
  "execution_finished",
  "execution_of_another_organization",
] as const satisfies ErrorCode[];
