import { z } from "zod";
import type { ErrorFormat } from "../../functions/_shared/http/error_format.ts";
import type { Audience, Operation } from "../../functions/_shared/http/operation.ts";
import type { FunctionOperations } from "./read-operations.ts";

/** Headers that authenticate each kind of caller. `person` and `caller` share OpenAI's header. */
const SECURITY: Record<Audience, object[]> = {
  anyone: [],
  person: [{ accessToken: [] }],
  caller: [{ accessToken: [] }, { accessKey: [] }],
  operator: [{ secretKey: [] }],
  visitor: [{ visitorToken: [] }],
};

const SECURITY_SCHEMES = {
  accessToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "An access token of Supabase Auth, which acts for the signed-in user.",
  },
  accessKey: {
    type: "http",
    scheme: "bearer",
    description: "An access key (agb_...) of an organization, for programs.",
  },
  secretKey: {
    type: "apiKey",
    in: "header",
    name: "apikey",
    description: "A secret key of the project, for operators and jobs.",
  },
  visitorToken: {
    type: "http",
    scheme: "bearer",
    description: "The token (wvt_...) of a visitor's session, for pages of one website.",
  },
};

/** The API as an OpenAPI 3.1 document, in JSON. */
export function openApi(functions: readonly FunctionOperations[], version: string): string {
  const paths: Record<string, Record<string, object>> = {};
  const schemas: Record<string, object> = {};
  for (const { name, operations, errorFormat } of functions) {
    schemas[errorFormat.name] = jsonSchema(errorFormat.schema, "output");
    for (const [operationName, operation] of operations) {
      const path = operation.path.replaceAll("+}", "}");
      paths[path] ??= {};
      paths[path][operation.method.toLowerCase()] = describe(
        name,
        operationName,
        operation,
        errorFormat,
      );
    }
  }
  const document = {
    openapi: "3.1.0",
    info: {
      title: "Agentbase",
      version,
      description: "The edge functions. The Data API serves the tables, views and SQL functions.",
    },
    servers: [{
      url: "{FUNCTIONS_URL}",
      variables: { FUNCTIONS_URL: { default: "http://127.0.0.1:54321/functions/v1" } },
    }],
    paths,
    components: { securitySchemes: SECURITY_SCHEMES, schemas },
  };
  return JSON.stringify(document, null, 2) + "\n";
}

function describe(
  tag: string,
  name: string,
  operation: Operation,
  errorFormat: ErrorFormat,
): object {
  const { path, summary, audience, body, answers, errors } = operation;
  return {
    operationId: `${tag}.${name}`,
    tags: [tag],
    summary,
    security: SECURITY[audience],
    parameters: [...path.matchAll(/\{(\w+)\+?\}/g)].map(([, parameter]) => ({
      name: parameter,
      in: "path",
      required: true,
      schema: { type: "string" },
    })),
    ...body && {
      requestBody: {
        required: body.optional !== true,
        description: `At most ${body.maxBytes} bytes.`,
        content: {
          [body.type ?? "application/json"]: { schema: jsonSchema(body.schema, "input") },
        },
      },
    },
    responses: {
      [answers.status]: success(answers),
      default: {
        description: errors.length > 0 ? `An error, such as ${errors.join(", ")}.` : "An error.",
        content: {
          "application/json": { schema: { $ref: `#/components/schemas/${errorFormat.name}` } },
        },
      },
    },
  };
}

function success({ status, schema, stream }: Operation["answers"]): object {
  const description = status < 400 ? "Success." : "Always.";
  if (schema === null) return { description };
  return {
    description,
    content: {
      "application/json": { schema: jsonSchema(schema, "output") },
      ...stream && { "text/event-stream": { schema: { type: "string" } } },
    },
  };
}

/** The schema itself; `$schema` belongs to the document as a whole. */
export function jsonSchema(schema: z.ZodType, io: "input" | "output"): Record<string, unknown> {
  const { $schema: _dialect, ...described } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
  });
  return described;
}
