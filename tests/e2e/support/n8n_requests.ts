import { z } from "zod";
import { pathInProject } from "../../../scripts/common/path-in-project.ts";

const requestSchema = z.object({
  /** Relative to the address of the functions. */
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.json(),
});

/** A request of n8n; `{name}` stands for a value that differs between runs. */
export type N8nRequest = z.infer<typeof requestSchema>;

const fixture = pathInProject("tests/e2e/fixtures/n8n_requests.json");

/** The requests that n8n made when it ran the examples, with the values of this run. */
export async function readRequests(
  values: Readonly<Record<string, string>>,
): Promise<N8nRequest[]> {
  const text = Object.entries(values).reduce(
    (all, [name, value]) => all.replaceAll(`{${name}}`, value),
    await Deno.readTextFile(fixture),
  );
  return z.array(requestSchema).parse(JSON.parse(text));
}

/** Stores the requests of this run, with placeholders for its values. */
export async function writeRequests(
  requests: readonly N8nRequest[],
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const text = Object.entries(values).reduce(
    (all, [name, value]) => all.replaceAll(value, `{${name}}`),
    JSON.stringify(requests, null, 2),
  );
  await Deno.writeTextFile(fixture, `${text}\n`);
}
