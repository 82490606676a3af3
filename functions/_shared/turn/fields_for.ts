import type { Route } from "./database.ts";

/**
 * The fields of a body that a route is sent. A person's own key buys whatever that person asks for.
 * The platform's credential buys the service that the turn is priced as, and nothing else: a field
 * that is not known only to shape the answer is left out, since it may choose another model, a dearer
 * tier, or a tool with a price of its own.
 *
 * @param harmless The fields that only shape the answer.
 */
export function fieldsFor(
  { credential }: Pick<Route, "credential">,
  body: object,
  harmless: ReadonlySet<string>,
): Record<string, unknown> {
  const fields = Object.entries(body);
  return Object.fromEntries(
    credential === "own" ? fields : fields.filter(([name]) => harmless.has(name)),
  );
}
