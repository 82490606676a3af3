import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { deepEqual, equal, ok } from "node:assert/strict";
import { newKey, startKeyVendor } from "./support/key_vendor.ts";
import { keysApi } from "./support/keys_api.ts";
import { openDatabase, signIn, stack } from "./support/stack.ts";

const ACME = "00000000-0000-4000-8000-0000000000ac";

/** Requests below /rest/v1 with which an attacker might try to read keys. */
const PATHS = [
  "user_api_keys?select=encrypted_key",
  "user_api_keys?select=key_fingerprint",
  "user_api_keys?select=*",
  "user_api_keys",
  "user_api_keys?select=id,c:encrypted_key",
  "user_api_keys?select=id,encrypted_key::text",
  "user_api_keys?select=id&encrypted_key=like.v1*",
  "user_api_keys?select=id&encrypted_key=not.is.null",
  "user_api_keys?select=id&order=encrypted_key",
  "user_api_keys?select=id&or=(encrypted_key.like.v1*,id.is.null)",
  "user_api_keys?select=count(),encrypted_key",
  "user_api_keys?select=encrypted_key.max()",
  "profiles?select=id,user_api_keys(encrypted_key)",
  "profiles?select=id,user_api_keys(*)",
  "profiles?select=id,user_api_keys!inner(id)&user_api_keys.encrypted_key=like.v1*",
  "organizations?select=id,user_api_keys(encrypted_key)",
  "vendors?select=id,user_api_keys(encrypted_key)",
  "vendors?select=id,...user_api_keys(encrypted_key)",
  "vendor_services?select=id,vendors(user_api_keys(encrypted_key))",
  "users?select=id,user_api_keys(encrypted_key)",
  "api_key_events?select=*",
  "notifications?select=*",
  "encrypted_columns?select=*",
];

/** Backend functions, with arguments that would work for the backend. */
const calls = (owner: string, id: string): [name: string, args: object][] => [
  ["get_user_api_key", { user_id: owner, vendor_id: "openai" }],
  ["open_api_key", { caller: { user_id: owner }, key_id: id, purpose: "show", request_id: "x" }],
  ["get_key_to_replace", { caller: { user_id: owner }, key_id: id }],
  ["list_values_to_rotate", {
    active_key: "x",
    table_name: "user_api_keys",
    column_name: "encrypted_key",
    after: null,
    batch: 10,
  }],
  ["swap_rotated_values", { table_name: "user_api_keys", column_name: "encrypted_key", swaps: [] }],
  ["begin_chat_turn", { caller: { user_id: owner }, request: { messages: [] } }],
  ["count_encrypted_values", {}],
];

Deno.test("no role gets a ciphertext out of the Data API, however it asks", async () => {
  await using database = openDatabase();
  await using vendor = await startKeyVendor(database.sql);
  const alice = await signIn("alice");
  const answer = await keysApi(stack.FUNCTIONS_URL, alice.accessToken)("POST", "/keys", {
    vendor_id: vendor.id,
    key: newKey(),
    organization_id: ACME,
  });
  equal(answer.status, 201);
  const { id } = answer.body;
  const [row] = await database.sql`
    select encrypted_key, key_fingerprint from public.user_api_keys where id = ${id}`;
  const parts = [...row!.encrypted_key.split(":").slice(2), row!.key_fingerprint];
  const leaks = (text: string) => parts.some((part) => text.includes(part)) || /v1:\w+:/.test(text);

  const tokens = new Map<string, string | null>([["visitor", null]]);
  for (const name of ["alice", "bob", "carol", "dave", "eve"]) {
    tokens.set(name, (await signIn(name)).accessToken);
  }
  let answered = 0;
  for (const [who, token] of tokens) {
    const headers: Record<string, string> = {
      apikey: stack.PUBLISHABLE_KEY,
      "content-type": "application/json",
      ...token && { authorization: `Bearer ${token}` },
    };
    const ask = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(`${stack.API_URL}/rest/v1/${path}`, {
        ...init,
        headers: { ...headers, ...init.headers as Record<string, string> },
      });
      const text = await response.text();
      equal(leaks(text + JSON.stringify([...response.headers])), false, `${who}: ${path}`);
      if (response.ok) answered++;
      return response.status;
    };
    for (const path of PATHS) {
      await ask(path);
      await ask(path, { headers: { accept: "text/csv" } });
    }
    const returning = { prefer: "return=representation" };
    const own = `user_api_keys?id=eq.${id}`;
    for (const select of ["&select=*", "&select=encrypted_key", ""]) {
      await ask(`${own}${select}`, {
        method: "PATCH",
        headers: returning,
        body: '{"is_active":true}',
      });
    }
    await ask(own, { method: "PATCH", headers: returning, body: '{"encrypted_key":"x"}' });
    await ask("user_api_keys", { method: "POST", headers: returning, body: "{}" });
    for (const [name, args] of calls(alice.id, id)) {
      const status = await ask(`rpc/${name}`, { method: "POST", body: JSON.stringify(args) });
      ok(status >= 400, `${who}: ${name} answered ${status}`);
    }
  }
  ok(answered > 10, `${answered} questions were answered at all`);

  // What its owner does see, by the client that everyone uses.
  const { data } = await alice.supabase.from("user_api_keys").select("id, key_preview").eq(
    "id",
    id,
  );
  deepEqual(data?.map((key) => key.id), [id]);
  for (const client of [alice.supabase, visitor()]) {
    const { data, error } = await client.from("user_api_keys").select("*");
    deepEqual([data, error?.code], [null, "42501"]);
  }
});

function visitor(): SupabaseClient {
  return createClient(stack.API_URL, stack.PUBLISHABLE_KEY, { auth: { persistSession: false } });
}
