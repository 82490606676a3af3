import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { openDatabase, signUp, stack } from "./support/stack.ts";

const options = { auth: { persistSession: false } };
const backend = createClient(stack.API_URL, stack.SECRET_KEY, options);
const address = () => `admin-${crypto.randomUUID()}@example.com`;

Deno.test("a backend creates, reads, changes, lists and deletes a user", async () => {
  const email = address();
  const { data: created, error } = await backend.auth.admin.createUser({
    email,
    password: "a good password",
    email_confirm: true,
    user_metadata: { full_name: "Grace" },
    app_metadata: { plan: "x" },
  });
  strictEqual(error, null);
  ok(created.user !== null);
  const { id } = created.user;
  strictEqual(created.user.email, email);
  ok(created.user.email_confirmed_at !== undefined);
  deepStrictEqual(created.user.app_metadata, {
    provider: "email",
    providers: ["email"],
    plan: "x",
  });
  strictEqual(created.user.identities?.[0]?.provider, "email");

  await using database = openDatabase();
  const profile = () => database.sql`select email, full_name from profiles where id = ${id}`;
  deepStrictEqual([...await profile()], [{ email, full_name: "Grace" }]);

  const own = createClient(stack.API_URL, stack.PUBLISHABLE_KEY, options);
  const signedIn = await own.auth.signInWithPassword({ email, password: "a good password" });
  strictEqual(signedIn.error, null);
  strictEqual((await own.from("profiles").select("full_name").single()).data?.full_name, "Grace");

  const moved = address();
  const { data: updated } = await backend.auth.admin.updateUserById(id, {
    email: moved,
    password: "another password",
    user_metadata: { color: "red" },
  });
  strictEqual(updated.user?.email, moved);
  deepStrictEqual(updated.user?.user_metadata, { full_name: "Grace", color: "red" });
  strictEqual((await profile())[0]?.email, moved);
  const again = await own.auth.signInWithPassword({ email: moved, password: "another password" });
  strictEqual(again.error, null);

  strictEqual((await backend.auth.admin.getUserById(id)).data.user?.email, moved);
  const { data: page } = await backend.auth.admin.listUsers({ page: 1, perPage: 1 });
  strictEqual(page.users[0]?.id, id);
  const total = "total" in page ? page.total : 0;
  ok(total >= 6, `${total} people`);

  strictEqual((await backend.auth.admin.deleteUser(id)).error, null);
  deepStrictEqual([...await profile()], []);
  strictEqual((await backend.auth.admin.getUserById(id)).error?.code, "user_not_found");
});

Deno.test("invalid calls, and calls that the stack does not have, are answered with a sentence", async () => {
  const email = address();
  const { data } = await backend.auth.admin.createUser({ email });
  ok(data.user !== null);
  const admin = backend.auth.admin;
  const answers = {
    email_exists: await admin.createUser({ email }),
    validation_failed: await admin.createUser({}),
  };
  for (const [code, { error }] of Object.entries(answers)) {
    strictEqual(error?.code, code);
  }
  const banned = await admin.createUser({ email: address(), ban_duration: "24h" });
  strictEqual(banned.error?.status, 501);
  strictEqual((await admin.inviteUserByEmail(address())).error?.status, 501);
  const link = await admin.generateLink({ type: "magiclink", email });
  strictEqual(link.error?.status, 501);
  match(link.error?.message ?? "", /not part of the local stack/);
  strictEqual((await admin.deleteUser(data.user.id, true)).error?.status, 501);
  strictEqual((await admin.deleteUser(data.user.id)).error, null);
});

Deno.test("only a backend may administer accounts", async () => {
  const ann = await signUp("ann");
  const publishable = createClient(stack.API_URL, stack.PUBLISHABLE_KEY, options);
  for (const caller of [ann.supabase, publishable]) {
    const attempts = [
      await caller.auth.admin.listUsers(),
      await caller.auth.admin.createUser({ email: address() }),
      await caller.auth.admin.getUserById(ann.id),
      await caller.auth.admin.updateUserById(ann.id, { app_metadata: { role: "admin" } }),
      await caller.auth.admin.deleteUser(ann.id),
    ];
    for (const { error } of attempts) ok([401, 403].includes(error?.status ?? 0), String(error));
  }
  const token = await fetch(`${stack.API_URL}/auth/v1/admin/users`, {
    headers: { apikey: stack.PUBLISHABLE_KEY, authorization: `Bearer ${ann.accessToken}` },
  });
  strictEqual(token.status, 403);
  const found = await backend.auth.admin.getUserById(ann.id);
  strictEqual(found.data.user?.app_metadata.role, undefined);
});
