import type { Route } from "../turn_database.ts";

/** Units other than tokens. */
export type UnitKind = "character" | "image" | "second";

/** Whether a route is priced by units of a kind, so that it may report no tokens. */
export function chargesBy({ unit_rates }: Pick<Route, "unit_rates">, kind: UnitKind): boolean {
  return Object.keys(unit_rates ?? {}).some((unit) => unit.split("/", 1)[0] === kind);
}
