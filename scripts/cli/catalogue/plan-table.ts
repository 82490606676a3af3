import { printable } from "../usage/terminal/cells.ts";
import { type Change, differingRates } from "./plan.ts";

/** Short words for rates, in dollars per million tokens. */
const words: Record<string, string> = {
  input_rate: "in",
  cached_input_rate: "cached",
  cache_write_rate: "cache write",
  cache_write_1h_rate: "cache write 1h",
  output_rate: "out",
  reasoning_rate: "reasoning",
  request_rate: "call",
  unit_rates: "units",
};

/**
 * A plan as lines of a table: service, change, old and new value, day, and remarks.
 *
 * @param allowed Guards that are allowed; a change that another one stops says so.
 * @param isAll Also prices that are confirmed or kept.
 */
export function planTable(
  changes: readonly Change[],
  allowed: readonly string[],
  isAll: boolean,
): string[] {
  const rows = changes
    .filter(({ change }) => isAll || (change !== "verify" && change !== "keep"))
    .map((change) =>
      [
        change.service_name === null
          ? change.vendor_id
          : `${change.vendor_id}/${change.service_name}`,
        change.change.replace("_", " "),
        describe(change),
        change.effective_from?.toISOString().slice(0, 10) ?? "",
        noteOf(change, allowed),
      ].map((cell) => cell === "" ? "" : printable(cell))
    );
  if (rows.length === 0) return [];
  const table = [["Service", "Change", "Dollars per million tokens", "From", ""], ...rows];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0))
  );
  return table.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()
  );
}

/** How many changes there are of each kind, in one sentence. */
export function countChanges(changes: readonly Change[]): string {
  const counts = new Map<string, number>();
  for (const { change } of changes) counts.set(change, (counts.get(change) ?? 0) + 1);
  if (counts.size === 0) return "Nothing would change.";
  return [...counts].map(([name, number]) => `${number} ${name.replace("_", " ")}`).join(", ") +
    ".";
}

function noteOf({ guard, note }: Change, allowed: readonly string[]): string {
  if (guard === null) return note ?? "";
  return allowed.includes(guard) ? `${guard}, allowed` : `STOPPED: --allow ${guard}`;
}

function describe(change: Change): string {
  const { before, after, service_tier: tier, min_input_tokens: from } = change;
  switch (change.change) {
    case "price":
    case "end_tier":
    case "keep":
    case "verify": {
      const rates = differingRates(change).map(({ name, before, after }) =>
        `${words[name] ?? name} ${before} → ${after}`
      );
      const which = [
        tier === "standard" || tier === null ? "" : tier,
        from === 0 || from === null ? "" : `from ${from.toLocaleString("en-US")} tokens`,
      ].filter((word) => word !== "").join(" ");
      return [which, rates.join(", ") || "as listed"].filter((word) => word !== "").join(": ");
    }
    case "shrink":
      return `${String(before)} services → ${String(after)}`;
    case "retire":
    case "unlisted":
      return `ends on ${String(after)}`;
    case "alias":
      return String(after);
    case "limits":
    case "add":
      return differingRates(change)
        .filter(({ name }) => name === "context_window" || name === "max_output_tokens")
        .map(({ name, after }) => `${name} ${after}`).join(", ");
  }
}
