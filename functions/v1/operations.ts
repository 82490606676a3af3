import type { Operation, Operations } from "../_shared/http/operation.ts";

/** An operation that redirects clients to the correct URL. */
const moved = (method: Operation["method"]) => ({
  method,
  path: "/v1/{path+}",
  summary: "Redirect a client whose base URL and whose paths both have `/v1`",
  audience: "anyone",
  answers: { status: 308, schema: null },
  errors: [],
} as const satisfies Operation);

/** The operations of the function `v1`. */
export const operations = {
  get: moved("GET"),
  post: moved("POST"),
  remove: moved("DELETE"),
} satisfies Operations;
