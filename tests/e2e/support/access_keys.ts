import { equal } from "node:assert/strict";
import { z } from "zod";
import type { Person } from "./stack.ts";
import { stack } from "./stack.ts";

const keySchema = z.looseObject({ id: z.uuid(), secret: z.string(), organization_id: z.uuid() });

/** An access key, with the secret that is shown once. */
export type MadeKey = z.infer<typeof keySchema>;

/** Asks the access-keys function as someone. */
export function askAccessKeys(token: string, path: string, body?: object): Promise<Response> {
  return fetch(`${stack.FUNCTIONS_URL}/access-keys${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
}

/** Makes an access key of a person. */
export async function makeKey(person: Person, wanted: object = {}): Promise<MadeKey> {
  const response = await askAccessKeys(person.accessToken, "", { name: "A test", ...wanted });
  equal(response.status, 201);
  return keySchema.parse(await response.json());
}

/** Replaces its secret. */
export async function rotateKey(person: Person, id: string, how: object = {}): Promise<MadeKey> {
  const response = await askAccessKeys(person.accessToken, `/${id}/rotate`, how);
  equal(response.status, 200);
  return keySchema.parse(await response.json());
}
