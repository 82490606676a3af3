import type { Authenticate } from "./person.ts";
import type { RequestContext } from "../http/context.ts";

/**
 * Identifies the person who sent a request, and adds them to its log line.
 *
 * @returns The person's id.
 * @throws {ApiError} What {@linkcode Authenticate} throws.
 */
export async function identifyPerson(
  request: Request,
  context: RequestContext,
  { authenticate }: { authenticate: Authenticate },
): Promise<string> {
  const { userId } = await context.measure("auth", () => authenticate(request));
  context.fields.user_id = userId;
  return userId;
}
