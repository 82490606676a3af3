import type { Audience, Operation } from "../../functions/_shared/http/operation.ts";
import { jsonSchema } from "./openapi.ts";
import type { FunctionOperations } from "./read-operations.ts";

const HEADER = `# API reference

The operations of the edge functions, below \`{FUNCTIONS_URL}\` (\`…/functions/v1\`). Written by
\`npm run generate\` from the routes and schemas of the functions; the same as a document for programs
is [openapi.json](openapi.json). Tables, views and SQL functions are served by the Data API and listed
in the [data dictionary](data-dictionary.md).

Errors have OpenAI's form, \`{"error": {"message", "type", "param", "code"}}\`.

| header of a response | meaning |
| --- | --- |
| \`x-request-id\` | Identifies the request in the log. Report it with a problem. |
| \`x-session-id\` | The session that a chat began or continued; send it back to continue. |
| \`idempotent-replayed\` | \`true\` where the stored response of an earlier request was sent. |
| \`retry-after\`, \`retry-after-ms\` | When a repeated request may succeed, in seconds and milliseconds. |
| \`x-ratelimit-*\` | The limit that is nearest, what is left of it, and when it resets. |
| \`server-timing\` | Milliseconds of the phases of the request. |
`;

const AUDIENCES: Record<Audience, string> = {
  anyone: "anyone",
  person: "a person (access token)",
  caller: "a person or a program (access token or access key)",
  operator: "an operator (secret key in `apikey`)",
};

/** The reference as Markdown: a section for each function, a subsection for each operation. */
export function apiReference(functions: readonly FunctionOperations[]): string {
  const sections = functions.map(({ name, operations }) =>
    [`## ${name}`, ...operations.map(([, operation]) => section(operation))].join("\n\n")
  );
  return [HEADER.trimEnd(), ...sections].join("\n\n") + "\n";
}

function section({ method, path, summary, audience, body, answers, errors }: Operation): string {
  const lines = [
    `${summary}.`,
    `- For ${AUDIENCES[audience]}.`,
    answers.stream
      ? `- Answers ${answers.status} with JSON, or with server-sent events for \`"stream": true\`.`
      : `- Answers ${answers.status}${answers.schema ? " with JSON" : " without a body"}.`,
    ...errors.length > 0 ? [`- Errors: ${errors.map((code) => `\`${code}\``).join(", ")}.`] : [],
  ];
  const [sentence, ...facts] = lines;
  return [
    `### ${method} ${path.replace("+}", "}")}`,
    sentence,
    facts.join("\n"),
    ...body ? [fieldTable(`Body (at most ${size(body.maxBytes)})`, body.schema, "input")] : [],
    ...answers.schema ? [fieldTable("Response", answers.schema, "output")] : [],
  ].join("\n\n");
}

/** A property of a JSON schema, as far as a table shows it. */
interface Property {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Property[];
  items?: Property;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  format?: string;
  description?: string;
}

function fieldTable(
  title: string,
  schema: Parameters<typeof jsonSchema>[0],
  io: "input" | "output",
): string {
  const described = jsonSchema(schema, io);
  // SAFETY: the schemas of bodies and answers are objects, whose properties are schemas.
  const properties = (described.properties ?? {}) as Record<string, Property>;
  const required = new Set(Array.isArray(described.required) ? described.required : []);
  const rows = Object.entries(properties).map(([name, property]) => {
    const need = required.has(name) ? "yes" : "no";
    return `| \`${name}\` | ${typeOf(property)} | ${need} | ${remarks(property)} |`;
  });
  if (rows.length === 0) return `${title}: an object.`;
  const head = "| field | type | required | remarks |\n| --- | --- | --- | --- |";
  return [`${title}:`, [head, ...rows].join("\n")].join("\n\n");
}

function typeOf(property: Property): string {
  if (property.const !== undefined) return `\`${JSON.stringify(property.const)}\``;
  if (property.enum) return property.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (property.anyOf) return [...new Set(property.anyOf.map(typeOf))].join(" or ");
  const { type } = property;
  if (type === "array") return property.items ? `array of ${typeOf(property.items)}` : "array";
  const name = Array.isArray(type) ? type.join(" or ") : type ?? "any";
  return property.format ? `${name} (${property.format})` : name;
}

function remarks(property: Property): string {
  const bounded = property.anyOf?.find(({ type }) => type !== "null") ?? property;
  const { minimum, maximum, maxLength } = bounded;
  // Bounds that only say that a number is one that JSON can hold say nothing.
  const tells = (bound: number | undefined) =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  const range = [
    ...tells(minimum) ? [`at least ${minimum}`] : [],
    ...tells(maximum) ? [`at most ${maximum}`] : [],
    ...maxLength !== undefined ? [`at most ${maxLength} characters`] : [],
  ].join(", ");
  const parts = [
    property.description ?? "",
    range === "" ? "" : `${range[0]?.toUpperCase()}${range.slice(1)}.`,
    property.default === undefined ? "" : `Default \`${JSON.stringify(property.default)}\`.`,
  ];
  return parts.filter((part) => part !== "").join(" ").replaceAll("|", "\\|");
}

function size(bytes: number): string {
  const mebi = bytes / 1024 / 1024;
  if (Number.isInteger(mebi)) return `${mebi} MiB`;
  const kibi = bytes / 1024;
  return Number.isInteger(kibi) ? `${kibi} KiB` : `${bytes} bytes`;
}
