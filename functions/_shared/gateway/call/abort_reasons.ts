import { ApiError } from "../../core/errors.ts";

const CLIENT_GONE = "client_disconnected";
const SHUTTING_DOWN = "shutting_down";

/** The error for an answer whose client has disconnected. */
export function clientGone(): ApiError {
  return new ApiError(CLIENT_GONE, "The client left before the answer was complete.");
}

/** The error for an answer that was interrupted by the shutdown of the host. */
export function shuttingDown(): ApiError {
  return new ApiError(
    SHUTTING_DOWN,
    "The answer is incomplete: this server is shutting down. Send the request again.",
    { headers: { "retry-after": "2" } },
  );
}

/** Whether an answer was aborted on our side, and not by a failure of the upstream. */
export function isAbort({ code }: ApiError): boolean {
  return code === CLIENT_GONE || code === SHUTTING_DOWN;
}
