import { ApiError } from "../core/errors.ts";
import { retryAfterHeaders } from "../core/retry_after.ts";

/** Admits requests while an isolate has room for their bodies. */
export interface Admission {
  /**
   * Admits a request by its declared length.
   *
   * @throws {ApiError} 503 `server_busy` with `retry-after` if there is no room.
   */
  enter(request: Request): Admitted;
}

/** An admitted request. */
export interface Admitted {
  /**
   * Accounts for the bytes that have arrived, declared or not.
   *
   * @throws {ApiError} 503 `server_busy` if they exceed both the declared length and the remaining
   * room.
   */
  arrived(bytes: number): void;
  /** Releases the room; only the first call has an effect. */
  leave(): void;
}

/** Retry-After of a refused request, in milliseconds: about as long as a turn takes. */
const WAIT_MS = 2_000;

/**
 * Creates the admission control of an isolate. A body is held several times while it is parsed,
 * stored and sent on, so a few large ones at once would fill the memory that a hosted function has.
 *
 * @param capacity Bytes of large bodies that are worked on at a time. A larger body is admitted
 * alone.
 * @param small Bytes of a body that needs no room: a client that declares or sends a large body and
 * then stalls delays other large ones, and no ordinary request.
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

/** For the parts of a request that was itself admitted: they need no room of their own. */
export const ADMITTED: Admission = { enter: () => ({ arrived() {}, leave() {} }) };

function busy(): ApiError {
  return new ApiError(
    "server_busy",
    "Cannot take this request now: the server is busy with other large requests. Try again in a moment.",
    { headers: retryAfterHeaders(WAIT_MS) },
  );
}
