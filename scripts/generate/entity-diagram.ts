import type { Relation } from "./describe-schema.ts";

/**
 * A Mermaid diagram of the tables of one domain: their keys, and every reference to a table inside
 * it or outside. Other columns are in the dictionary beside it.
 */
export function entityDiagram(tables: readonly Relation[]): string {
  const entities = tables.flatMap((table) => {
    const keys = table.columns.flatMap((column) => {
      const isForeign = table.references.some(({ columns }) => columns.includes(column.name));
      const marks = [...(column.inKey ? ["PK"] : []), ...(isForeign ? ["FK"] : [])];
      if (marks.length === 0) return [];
      // Mermaid knows neither spaces nor commas in a type.
      const type = column.type.replace(/[^a-z0-9]+/gi, "_").replace(/_$/, "");
      return [`    ${type} ${column.name} ${marks.join(", ")}`];
    });
    return [`  ${table.name} {`, ...keys, "  }"];
  });
  const lines = tables.flatMap((table) =>
    table.references.map(({ columns, target, targetSchema, isUnique }) => {
      const isOptional = table.columns.some(({ name, optional }) =>
        optional && columns.includes(name)
      );
      const one = isOptional ? "|o" : "||";
      const many = isUnique ? "o|" : "o{";
      const name = targetSchema === "public" ? target : `${targetSchema}_${target}`;
      return `  ${name} ${one}--${many} ${table.name} : ${columns.join("_and_")}`;
    })
  );
  return ["```mermaid", "erDiagram", ...entities, ...lines, "```"].join("\n");
}
