import { type AuthenticateCaller, type Caller, callerFields } from "./caller.ts";
import type { RequestContext } from "../http/context.ts";

/**
 * Identifies the caller of a request, and adds the caller to its log line.
 *
 * @throws {ApiError} What {@linkcode AuthenticateCaller} throws.
 */
export async function identifyCaller(
  request: Request,
  context: RequestContext,
  { authenticate }: { authenticate: AuthenticateCaller },
): Promise<Caller> {
  const caller = await context.measure("auth", () => authenticate(request));
  Object.assign(context.fields, callerFields(caller));
  return caller;
}
