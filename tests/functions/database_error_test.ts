import { deepEqual, doesNotMatch, equal } from "node:assert/strict";
import { databaseError } from "../../functions/_shared/database_error.ts";

Deno.test("databaseError() passes a business error on with its status, sentence and code", () => {
  const error = databaseError({
    code: "PT404",
    message: 'The model "x" does not exist.',
    details: "model_not_found",
    hint: "GET /models lists what you may use.",
  }, 404);
  equal(error.status, 404);
  deepEqual(error.toBody(), {
    error: {
      message: 'The model "x" does not exist. GET /models lists what you may use.',
      type: "invalid_request_error",
      param: null,
      code: "model_not_found",
    },
  });
});

for (
  const [code, status, expected] of [
    ["", 0, 503],
    ["08006", 500, 503],
    ["40001", 500, 503],
    ["53300", 500, 503],
    ["55P03", 500, 503],
    ["57014", 500, 503],
    ["PGRST001", 503, 503],
    [undefined, 502, 503],
    ["23505", 409, 500],
    ["42501", 403, 500],
    ["PGRST202", 404, 500],
    ["PT200", 200, 500],
    ["PT999", 500, 500],
    [undefined, 400, 500],
  ] as const
) {
  Deno.test(`databaseError() makes ${code || "no code"} with status ${status} a ${expected}`, () => {
    const error = databaseError({ code, message: "row of alice@example.com" }, status);
    equal(error.status, expected);
    doesNotMatch(JSON.stringify(error.toBody()), /alice/);
  });
}

Deno.test("databaseError() keeps details and hints, which may quote rows, out of the log", () => {
  const error = databaseError(
    { code: "23505", message: "duplicate", details: "Key (x)=(secret)" },
    409,
  );
  equal((error.cause as Error).message, "database: 23505: duplicate");
});
