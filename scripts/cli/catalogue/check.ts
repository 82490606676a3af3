import type postgres from "postgres";
import { z } from "zod";

const reportSchema = z.object({
  prices: z.object({
    services: z.number(),
    oldest: z.string().nullable(),
    old: z.array(z.object({
      service_id: z.string(),
      verified_on: z.string().nullable(),
      agent_count: z.number(),
    })),
  }),
  ending: z.array(z.object({
    service_id: z.string(),
    retired_on: z.string(),
    replaced_by: z.string().nullable(),
    agent_count: z.number(),
  })),
  last_import: z.object({ source: z.string(), as_of: z.string() }).nullable(),
});

/** What `private.catalogue_report()` answers. */
export type CatalogueReport = z.infer<typeof reportSchema>;

/**
 * Reads how current the catalogue is.
 *
 * @param maxAge Days after which a price is old.
 * @param within Days within which a service ends soon.
 */
export async function readReport(
  sql: postgres.Sql,
  maxAge: number,
  within: number,
): Promise<CatalogueReport> {
  const [row] = await sql`select private.catalogue_report(${maxAge}, ${within}) as report`;
  return reportSchema.parse(row?.report);
}

/** A report as lines for the terminal. */
export function reportLines({ prices, ending, last_import }: CatalogueReport): string[] {
  return [
    `${prices.services} services have a price; the oldest was verified on ${
      prices.oldest ?? "an unknown day"
    }.`,
    last_import === null
      ? "No list was imported yet."
      : `The last import was ${last_import.source} of ${last_import.as_of}.`,
    prices.old.length === 0 ? "No price is old." : `${prices.old.length} prices are old:`,
    ...prices.old.map(({ service_id, verified_on, agent_count }) =>
      `  ${(verified_on ?? "never").padEnd(10)}  ${service_id}${usedBy(agent_count)}`
    ),
    ending.length === 0 ? "No model ends soon." : `${ending.length} models end soon:`,
    ...ending.map(({ service_id, retired_on, replaced_by, agent_count }) =>
      `  ${retired_on}  ${service_id}  ${
        replaced_by === null ? "nothing replaces it" : `replaced by ${replaced_by}`
      }${usedBy(agent_count)}`
    ),
    needsAttention({ prices, ending, last_import })
      ? "Agents use some of these: see docs/catalogue.md."
      : "No agent uses one that is old or ends.",
  ];
}

/** Whether agents use a service with an old price, or one that ends soon. */
export function needsAttention({ prices, ending }: CatalogueReport): boolean {
  return [...prices.old, ...ending].some(({ agent_count }) => agent_count > 0);
}

function usedBy(agents: number): string {
  return agents === 0 ? "" : `; used by ${agents} ${agents === 1 ? "agent" : "agents"}`;
}
