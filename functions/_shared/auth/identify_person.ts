import type { Authenticate } from "./person.ts";
import type { Exchange } from "../http/exchange.ts";

/**
 * Finds out which person sent a request, and names them in its log line.
 *
 * @returns The person's id.
 * @throws {ApiError} What {@linkcode Authenticate} throws.
 */
export async function identifyPerson(
  request: Request,
  exchange: Exchange,
  { authenticate }: { authenticate: Authenticate },
): Promise<string> {
  const { userId } = await exchange.measure("auth", () => authenticate(request));
  exchange.fields.user_id = userId;
  return userId;
}
