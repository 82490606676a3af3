import type { ApiError } from "../../core/errors.ts";
import { UndecryptableError } from "../../crypto/envelope.ts";
import {
  type KeyReport,
  OUT_OF_CREDIT,
  REJECTED,
  reportOfUndecryptable,
} from "../../crypto/stored_key.ts";
import { UpstreamError } from "../call/upstream_error.ts";

/** What an error shows about the user's key of the call. */
export function keyEvent(error: ApiError): Pick<KeyReport, "event" | "problem"> {
  if (error instanceof UndecryptableError) return reportOfUndecryptable(error);
  if (error instanceof UpstreamError && error.fault === "credential") {
    if (error.outOfCredit) return { event: "out_of_credit", problem: OUT_OF_CREDIT };
    return error.keyIsBad
      ? { event: "rejected", problem: REJECTED }
      : { event: "failed", problem: "The vendor refuses calls with it." };
  }
  return { event: "used", problem: null };
}
