import type { Route } from "./turn_database.ts";

/**
 * What chooses somebody else to answer, another price, or something else to pay for, in the words of
 * the vendors that are known. A field that none of them charges for is not on it.
 */
const CHOICES: ReadonlySet<string> = new Set([
  // Another model or provider.
  "fallbacks",
  "models",
  "preset",
  "provider",
  "route",
  // Another tier.
  "service_tier",
  "speed",
  // A search beside the answer.
  "enable_search",
  "plugins",
  "search_options",
  "search_parameters",
  "web_search",
  "web_search_options",
  // Another kind of answer, and drafts that are paid for when they are wrong.
  "audio",
  "modalities",
  "prediction",
  // What lies in the platform's account, or is put there.
  "cached_content",
  "extra_body",
  "store",
]);

/**
 * The fields of a body that a route is sent. A person's own key buys whatever that person asks for.
 * The platform's credential buys the service that the turn is priced as: what would have it pay for
 * something else is left out. Any other field goes on, known here or not.
 */
export function fieldsFor(
  { credential }: Pick<Route, "credential">,
  body: object,
): Record<string, unknown> {
  const fields = Object.entries(body);
  return Object.fromEntries(
    credential === "own" ? fields : fields.filter(([name]) => !CHOICES.has(name)),
  );
}
