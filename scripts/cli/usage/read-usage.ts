import { createClient, type PostgrestError, type SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import { CommandError } from "../../common/command-error.ts";
import { addDays, countDays, dayIn, daysBetween, latestDayAnywhere } from "../../common/days.ts";
import { noFigures, sumOf } from "./figures.ts";
import { parseDollars } from "./money.ts";
import { exactCount } from "./numbers.ts";
import { mostDays, type UsageOptions } from "./options.ts";
import { type Breakdown, BREAKDOWNS, type UsageReport, type UsageRow } from "./report.ts";
import type { UsageSource } from "./source.ts";

/** What the figures are of. */
interface Scope {
  organization: { id: string; name: string; timezone: string } | null;
  from: string;
  to: string;
}

const count = z.string().regex(/^\d+$/).transform(Number).refine(Number.isSafeInteger);
const tokens = z.string().regex(/^\d+$/).transform(BigInt);
const mean = z.string().nullable().transform((text) => text === null ? null : Number(text));

const rowsSchema = (by: string) =>
  z.array(
    z.object({
      key: z.string().nullable(),
      label: z.string().nullable(),
      interactions: count,
      failed: count,
      input_tokens: tokens,
      output_tokens: tokens,
      total_cost: z.string().transform(parseDollars),
      recorded_cost: z.string().transform(parseDollars),
      unpriced: count,
      recorded: count,
      avg_satisfaction: mean,
      satisfaction_ratings: count,
      avg_usefulness: mean,
      usefulness_ratings: count,
    }).transform((row): UsageRow => ({
      key: row.key ?? "",
      label: row.label ?? row.key ?? `without ${by}`,
      interactions: row.interactions,
      failed: row.failed,
      inputTokens: row.input_tokens,
      outputTokens: row.output_tokens,
      cost: row.total_cost,
      recordedCost: row.recorded_cost,
      unpriced: row.unpriced,
      recorded: row.recorded,
      satisfaction: { mean: row.avg_satisfaction, ratings: row.satisfaction_ratings },
      usefulness: { mean: row.avg_usefulness, ratings: row.usefulness_ratings },
    })),
  );

// As text: a number of JSON would lose the last decimals.
const columns = [
  "key",
  "label",
  "interactions::text",
  "failed::text",
  "input_tokens::text",
  "output_tokens::text",
  "total_cost::text",
  "recorded_cost::text",
  "unpriced::text",
  "recorded::text",
  "avg_satisfaction::text",
  "satisfaction_ratings::text",
  "avg_usefulness::text",
  "usefulness_ratings::text",
].join(",");

const organizationSchema = z.object({ id: z.string(), name: z.string(), timezone: z.string() });

/** The Data API gives no more rows than this at once. */
const pageSize = 1_000;

/** Readings of figures that change in between, before the last one is used as it is. */
const mostReadings = 3;

/**
 * Asks the database for everything that a report shows.
 *
 * @throws {CommandError} when it cannot be asked, or refuses.
 */
export async function readUsage(
  source: UsageSource,
  options: UsageOptions,
  now: () => Date = () => new Date(),
): Promise<UsageReport> {
  const client = createClient(source.url, source.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const scope = await scopeOf(client, options, now());
  for (let reading = 1;; reading++) {
    const days = await rowsBy(client, "day", scope);
    const by: UsageReport["by"] = {};
    for (const breakdown of BREAKDOWNS) {
      // One organization's share of itself says nothing.
      if (breakdown === "organization" && scope.organization !== null) continue;
      by[breakdown] = dearestFirst(await rowsBy(client, breakdown, scope));
    }
    // A turn may have come in between two of these answers, which then do not fit together.
    const isUnchanged = isSame(days, await rowsBy(client, "day", scope));
    if (!isUnchanged && reading < mostReadings) continue;
    return {
      organization: scope.organization?.name ?? null,
      timeZone: scope.organization?.timezone ?? null,
      from: scope.from,
      to: scope.to,
      readAt: now(),
      total: sumOf(days),
      days: everyDay(days, scope),
      by,
    };
  }
}

async function scopeOf(
  client: SupabaseClient,
  options: UsageOptions,
  now: Date,
): Promise<Scope> {
  const organization = options.organization === null
    ? null
    : await findOrganization(client, options.organization);
  const to = options.to ?? await today(client, organization, now);
  const from = options.from ?? addDays(to, 1 - options.days);
  if (from > to) {
    throw new CommandError(
      `Cannot report on the days from ${from}: today is ${to}. Choose a day that has begun.`,
    );
  }
  const days = countDays(from, to);
  if (days <= mostDays) return { organization, from, to };
  throw new CommandError(
    `Cannot report on the ${exactCount(days)} days from ${from} to ${to}: the maximum is ${
      exactCount(mostDays)
    }. Choose a later --from.`,
  );
}

/** Today there; of all organizations together the latest day on which one has had anything. */
async function today(
  client: SupabaseClient,
  organization: Scope["organization"],
  now: Date,
): Promise<string> {
  if (organization !== null) return dayIn(organization.timezone, now);
  const [here, latest] = [dayIn("UTC", now), latestDayAnywhere(now)];
  if (latest === here) return here;
  const rows = await rowsBy(client, "day", { organization: null, from: latest, to: latest });
  return rows.length > 0 ? latest : here;
}

async function findOrganization(client: SupabaseClient, name: string) {
  const isId = z.uuid().safeParse(name).success;
  const { data, error } = await client.from("organizations").select("id, name, timezone")
    .eq(isId ? "id" : "slug", name).maybeSingle();
  if (error !== null) throw failure(error);
  if (data !== null) return organizationSchema.parse(data);
  throw new CommandError(
    `Cannot report on organization "${name}": no organization has this slug or id. Check --organization.`,
  );
}

async function rowsBy(
  client: SupabaseClient,
  by: Breakdown | "day",
  { organization, from, to }: Scope,
): Promise<UsageRow[]> {
  const rows: UsageRow[] = [];
  for (;;) {
    const { data, error } = await client
      .rpc("get_usage", {
        by,
        from_date: from,
        to_date: to,
        organization_id: organization?.id ?? null,
      })
      .select(columns)
      .order("key")
      .range(rows.length, rows.length + pageSize - 1);
    if (error !== null) throw failure(error);
    const page = rowsSchema(by).parse(data);
    rows.push(...page);
    if (page.length < pageSize) return rows;
  }
}

function dearestFirst(rows: UsageRow[]): UsageRow[] {
  return rows.sort((one, other) =>
    one.cost === other.cost ? other.interactions - one.interactions : one.cost > other.cost ? -1 : 1
  );
}

function isSame(one: readonly UsageRow[], other: readonly UsageRow[]): boolean {
  return one.length === other.length && one.every((row, index) => {
    const twin = other[index];
    return row.key === twin?.key && row.interactions === twin.interactions &&
      row.cost === twin.cost && row.recordedCost === twin.recordedCost &&
      row.outputTokens === twin.outputTokens;
  });
}

function everyDay(rows: readonly UsageRow[], { from, to }: Scope): UsageRow[] {
  const known = new Map(rows.map((row) => [row.key, row]));
  return daysBetween(from, to).map((key) => known.get(key) ?? { key, label: key, ...noFigures() });
}

function failure({ code, message, hint }: PostgrestError): CommandError {
  // A business error is a sentence for a person; anything else needs one around it.
  if (/^PT\d{3}$/.test(code)) return new CommandError(hint ? `${message} ${hint}` : message);
  return new CommandError(
    `Cannot read the figures: ${message}. Check that the project answers, that SECRET_KEY is its secret key and that its migrations are applied.`,
  );
}
