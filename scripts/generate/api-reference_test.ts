import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { pathInProject } from "../common/path-in-project.ts";
import { apiReference } from "./api-reference.ts";
import { openApi } from "./openapi.ts";
import { type FunctionOperations, readOperations } from "./read-operations.ts";

const notes: FunctionOperations = {
  name: "notes",
  errorFormat: {
    name: "NotesError",
    schema: z.object({ failed: z.string() }),
    write: () => ({ status: 500, body: {} }),
  },
  operations: [["change", {
    method: "PATCH",
    path: "/notes/{id}",
    summary: "Change a note",
    audience: "person",
    body: {
      schema: z.strictObject({
        text: z.string().max(20).describe("What it says."),
        pages: z.int().min(1).max(9).default(1),
      }),
      maxBytes: 2048,
    },
    answers: { status: 200, schema: z.object({ id: z.uuid(), kind: z.literal("note") }) },
    errors: ["model_not_found"],
  }]],
};

Deno.test("the reference shows fields with their bounds, defaults and descriptions", () => {
  const page = apiReference([notes]);
  match(page, /### PATCH \/notes\/\{id\}\n\nChange a note\.\n\n- Authentication: access token/);
  match(page, /Body \(at most 2 KiB\)/);
  match(page, /\| `text` \| string \| yes \| What it says\. At most 20 characters\. \|/);
  match(page, /\| `pages` \| integer \| no \| At least 1, at most 9\. Default `1`\. \|/);
  match(page, /\| `kind` \| `"note"` \| yes \|/);
});

Deno.test("the OpenAPI document has the operation with its parameters, security and schemas", () => {
  const { paths, components } = JSON.parse(openApi([notes], "1.2.3"));
  const operation = paths["/notes/{id}"].patch;
  equal(operation.operationId, "notes.change");
  deepEqual(operation.security, [{ accessToken: [] }]);
  deepEqual(operation.parameters.map((parameter: { name: string }) => parameter.name), ["id"]);
  const { schema } = operation.requestBody.content["application/json"];
  // A default makes a field optional for who sends it.
  deepEqual(schema.required, ["text"]);
  match(operation.responses.default.description, /model_not_found/);
  deepEqual(operation.responses.default.content["application/json"].schema, {
    $ref: "#/components/schemas/NotesError",
  });
  deepEqual(components.schemas.NotesError.required, ["failed"]);
});

Deno.test("every function declares its operations, and no two have the same route", async () => {
  const functions = await readOperations(pathInProject("."));
  const routes = functions.flatMap(({ operations }) =>
    operations.map(([, { method, path }]) => `${method} ${path}`)
  );
  equal(new Set(routes).size, routes.length);
  for (const { name, operations } of functions) {
    for (const [, { path }] of operations) equal(path.split("/")[1], name);
  }
});

Deno.test("a function without operations is reported", async () => {
  const root = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(root, "functions", "notes"), { recursive: true });
    await Deno.writeTextFile(join(root, "functions", "notes", "operations.ts"), "export {};");
    await rejects(readOperations(root), /notes.*exports no operations/);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
