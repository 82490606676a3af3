import { deepEqual, equal, throws } from "node:assert/strict";
import { match } from "../../functions/_shared/http/router.ts";

const ROUTES = {
  "/models": { GET: "list" },
  "/models/*": { GET: "retrieve", HEAD: "peek" },
};

const find = (method: string, path: string) =>
  match(new Request(`http://127.0.0.1${path}`, { method }), ROUTES);

Deno.test("match() finds a path as the platform and as the gateway name it", () => {
  equal(find("GET", "/models").handler, "list");
  equal(find("GET", "/functions/v1/models").handler, "list");
  equal(find("GET", "/models?limit=1").handler, "list");
});

Deno.test("match() hands over the rest of a path, decoded once", () => {
  equal(find("GET", "/models/droid/gpt-4o").rest, "droid/gpt-4o");
  equal(find("GET", "/models/droid%2Fgpt-4o").rest, "droid/gpt-4o");
  equal(find("GET", "/models/50%2525").rest, "50%25");
});

for (const path of ["/", "/models/", "/modelsx", "/v1/models", "/models/%zz", "/__proto__"]) {
  Deno.test(`match() does not know ${path}`, () => {
    throws(() => find("GET", path), { status: 404, code: "unknown_path" });
  });
}

Deno.test("match() names the methods of a path that has others", () => {
  throws(() => find("POST", "/models/x"), (error: unknown) => {
    const { status, headers } = error as { status: number; headers: Record<string, string> };
    deepEqual([status, headers["allow"]], [405, "GET, HEAD, OPTIONS"]);
    return true;
  });
});
