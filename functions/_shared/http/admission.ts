import { ApiError } from "../core/errors.ts";
import { retryAfterHeaders } from "../core/retry_after.ts";

/** Takes requests in while an isolate has room for their bodies. */
export interface Admission {
  /**
   * Takes a request in, by the length that it declares.
   *
   * @throws {ApiError} 503 `server_busy` with `retry-after` where there is no room.
   */
  enter(request: Request): Admitted;
}

/** A request that was taken in. */
export interface Admitted {
  /**
   * Accounts for the bytes that have arrived, declared or not.
   *
   * @throws {ApiError} 503 `server_busy` where they are more than was declared and than there is room for.
   */
  arrived(bytes: number): void;
  /** Gives the room back; only the first call counts. */
  leave(): void;
}

/** How long who finds no room is told to wait, in milliseconds: about as long as a turn takes. */
const WAIT_MS = 2_000;

/**
 * Makes the gate of an isolate. A body is held several times while it is parsed, stored and sent on, so
 * a few large ones at once would fill the memory that a hosted function has.
 *
 * @param capacity Bytes of large bodies that are worked on at a time. A larger one is taken in alone.
 * @param small Bytes of a body that needs no room: a client that declares or sends a large body and then
 * stalls delays other large ones, and no ordinary request.
 */
export function createAdmission(capacity: number, small = 0): Admission {
  let inFlight = 0;
  return {
    enter(request) {
      let held = 0;
      let hasLeft = false;
      const take = (bytes: number) => {
        if (bytes <= small || bytes <= held) return;
        const others = inFlight - held;
        if (others > 0 && others + bytes > capacity) throw busy();
        inFlight = others + bytes;
        held = bytes;
      };
      take(Number(request.headers.get("content-length")) || 0);
      return {
        arrived: take,
        leave() {
          if (hasLeft) return;
          hasLeft = true;
          inFlight -= held;
        },
      };
    },
  };
}

/** The gate for the parts of a request that was taken in itself, whose body has its room. */
export const ADMITTED: Admission = { enter: () => ({ arrived() {}, leave() {} }) };

function busy(): ApiError {
  return new ApiError(
    "server_busy",
    "Cannot take this request now: the server is busy with other large requests. Try again in a moment.",
    { headers: retryAfterHeaders(WAIT_MS) },
  );
}
