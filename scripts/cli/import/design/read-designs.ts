import { z } from "zod";
import { CommandError } from "../../../common/command-error.ts";
import { mappingName } from "./bind.ts";
import { type Design, designSchema, type Override, overrideSchema } from "./schema.ts";

/** The known designs, in the order in which they are imported: parents first. */
const names = [
  "agentbase",
  "organizations",
  "agents",
  "enum-agents",
  "bots",
  "litellm",
  "langfuse",
  "open-webui",
  "librechat",
];

/** Reads the known designs. */
export async function readDesigns(): Promise<Design[]> {
  const designs = await Promise.all(names.map(async (name) => {
    const file = new URL(`../designs/${name}.json`, import.meta.url);
    return designSchema.parse(JSON.parse(await Deno.readTextFile(file)));
  }));
  return designs.flatMap((one) => one.design === "agentbase" ? [one, exportedDesign(one)] : [one]);
}

/**
 * The design of `npm run export`, which includes some of Agentbase's tables, but not the catalogue.
 */
function exportedDesign(agentbase: Design): Design {
  const { agent_executions: _, ...signature } = agentbase.signature;
  return {
    ...agentbase,
    design: "agentbase-export",
    title: "An export of Agentbase",
    signature,
    replaces: agentbase.replaces.filter(({ table }) => table !== "service_prices"),
    tables: agentbase.tables.filter(({ as }) => as !== "past_usage").map((table) =>
      table.into === "ai_interactions"
        ? {
          ...table,
          columns: {
            ...table.columns,
            // The ids of prices differ between projects.
            price_id: "(select id from public.service_prices where id = {price_id})",
          },
        }
        : table
    ),
  };
}

/**
 * Reads the operator's changes to the designs from a file.
 *
 * @throws {CommandError} if it is not such a file.
 */
export async function readOverride(path: string | null): Promise<Override> {
  if (path === null) return overrideSchema.parse({});
  const text = await Deno.readTextFile(path).catch((error) => {
    throw new CommandError(`Cannot read the mapping "${path}": ${error.message}.`);
  });
  try {
    return overrideSchema.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new CommandError(`Cannot use the mapping "${path}": ${reason}`);
  }
}

/** The designs with an operator's changes. */
export function overrideDesigns(designs: readonly Design[], override: Override): Design[] {
  const known = designs.flatMap(({ tables }) => tables.map(mappingName));
  const unknown = Object.keys(override.tables).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new CommandError(
      `Cannot use the mapping: it changes "${unknown}", which no design has. Known are ${
        [...new Set(known)].join(", ")
      }.`,
    );
  }
  return designs.map((design) => ({
    ...design,
    labels: mergeLabels(design.labels, override.labels),
    tables: design.tables.map((table) => {
      const change = override.tables[mappingName(table)];
      if (change === undefined) return table;
      const given = Object.fromEntries(
        Object.entries(change).filter(([, value]) => value !== undefined),
      );
      return { ...table, ...given, columns: { ...table.columns, ...change.columns } };
    }),
  }));
}

function mergeLabels(one: Design["labels"], other: Design["labels"]): Design["labels"] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...names].map((name) => [name, { ...one[name], ...other[name] }]));
}
