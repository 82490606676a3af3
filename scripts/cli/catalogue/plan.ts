import type postgres from "postgres";
import { z } from "zod";
import type { PriceList } from "./price-list.ts";

const ratesSchema = z.record(z.string(), z.unknown());

/** One change of a plan; `private.catalogue_change` describes it. */
const changeSchema = z.object({
  vendor_id: z.string(),
  service_name: z.string().nullable(),
  service_id: z.string().nullable(),
  change: z.enum([
    ...["add", "limits", "alias", "retire", "price", "end_tier", "verify", "keep"] as const,
    ...["unlisted", "shrink"] as const,
  ]),
  effective_from: z.date().nullable(),
  service_tier: z.string().nullable(),
  min_input_tokens: z.number().nullable(),
  before: z.unknown(),
  after: z.unknown(),
  note: z.string().nullable(),
  guard: z.string().nullable(),
});

/** One change that a list asks for. */
export type Change = z.infer<typeof changeSchema>;

/** A list that cannot be applied, or was not. */
export class ListRefused extends Error {
  override name = "ListRefused";
  constructor(message: string, readonly problems: readonly string[]) {
    super(message);
  }
}

/** What SQL adds to the error of a list. */
const refusalSchema = z.object({
  message: z.string(),
  detail: z.enum(["price_list_invalid", "price_list_suspicious"]),
  hint: z.string().optional(),
});
const problemsSchema = z.object({
  problems: z.array(z.object({ name: z.string(), problem: z.string() })).default([]),
});

/** What an import may do. */
export interface ImportOptions {
  add: readonly string[];
  allow: readonly string[];
}

/**
 * Plans an import, or applies it in one transaction.
 *
 * @throws {ListRefused} where rows are invalid, or changes look wrong and are not allowed.
 */
export async function runImport(
  sql: postgres.Sql,
  mode: "plan" | "apply",
  list: PriceList,
  { add, allow }: ImportOptions,
): Promise<Change[]> {
  const run = sql(`private.${mode}_catalogue_import`);
  const [json, options] = [JSON.stringify(list), JSON.stringify({ add, allow })];
  try {
    return z.array(changeSchema).parse([
      ...await sql`select * from ${run}(${json}::text::jsonb, ${options}::text::jsonb)`,
    ]);
  } catch (error) {
    const refusal = refusalSchema.safeParse(error);
    if (!refusal.success) throw error;
    const [advice, data = "{}"] = (refusal.data.hint ?? "").split("\n");
    const { problems } = problemsSchema.parse(JSON.parse(data));
    throw new ListRefused(
      `${refusal.data.message} ${advice ?? ""}`,
      problems.map(({ name, problem }) => `${name} ${problem}`),
    );
  }
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** The old and new rates of a change, without those that stay the same. */
export function differingRates(
  { before, after }: Change,
): { name: string; before: string; after: string }[] {
  const [old, next] = [before, after].map((rates) => ratesSchema.nullable().parse(rates) ?? {});
  const names = new Set([...Object.keys(old ?? {}), ...Object.keys(next ?? {})]);
  const text = (value: unknown) =>
    // A new price has no old rates, and lists only the rates that it has.
    value === undefined || value === null || (before === null && (value === 0 || isEmpty(value)))
      ? "none"
      : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);
  return [...names].flatMap((name) => {
    const [was, is] = [text(old?.[name]), text(next?.[name])];
    return was === is ? [] : [{ name, before: was, after: is }];
  });
}
