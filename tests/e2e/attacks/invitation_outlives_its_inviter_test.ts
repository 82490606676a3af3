import { deepEqual, equal, ok } from "node:assert/strict";
import { openDatabase, type Person, signUp } from "../support/stack.ts";
import { join, makeOrganization, membershipsOf } from "../support/tenants.ts";

const invite = (person: Person, organization_id: string, email: string, role = "admin") =>
  person.supabase.rpc("invite_member", { organization_id, email, role });

Deno.test("a removed, demoted or deleted admin cannot return by an invitation made earlier", async () => {
  await using database = openDatabase();
  const [alice, eve] = [await signUp("alice"), await signUp("eve")];
  const organization = await makeOrganization(alice, "Acme");
  const members = () => alice.supabase.from("organization_members");
  const ends: Record<string, (admin: Person) => PromiseLike<{ error: unknown }>> = {
    removed: ({ id }) => members().delete().match({ organization_id: organization, user_id: id }),
    demoted: ({ id }) =>
      members().update({ role: "viewer" }).match({ organization_id: organization, user_id: id }),
    left: ({ supabase }) => supabase.rpc("leave_organization", { organization_id: organization }),
    deleted: ({ supabase }) => supabase.rpc("delete_account"),
  };
  for (const [end, happen] of Object.entries(ends)) {
    const dave = await signUp("dave");
    await join(alice, organization, dave, "admin");
    const invitation = await invite(dave, organization, eve.email);
    ok(invitation.data, invitation.error?.message);
    equal((await happen(dave)).error, null, end);
    const accepted = await eve.supabase.rpc("accept_invitation", { token: invitation.data });
    deepEqual([accepted.error?.details, accepted.status], ["invitation_not_found", 404], end);
    deepEqual(await membershipsOf(database.sql, eve), [], end);
  }
  const open = await database.sql`
    select from public.organization_invitations
    where organization_id = ${organization} and accepted_at is null`;
  equal(open.length, 0);
});

Deno.test("of invitations for one address at the same moment one is created, and the others are conflicts", async () => {
  await using database = openDatabase();
  const [alice, bob] = [await signUp("alice"), await signUp("bob")];
  const organization = await makeOrganization(alice, "Acme");
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => invite(alice, organization, bob.email, "viewer")),
  );
  const refused = answers.filter(({ error }) => error !== null);
  deepEqual(
    refused.map(({ error, status }) => [error?.details, status]),
    refused.map(() => ["invitation_in_progress", 409]),
  );
  const open = await database.sql`
    select from public.organization_invitations where organization_id = ${organization}`;
  equal(open.length, 1);
});

Deno.test("an invitation that cannot be made is refused with a sentence that shows no row", async () => {
  await using database = openDatabase();
  const alice = await signUp("alice");
  const organization = await makeOrganization(alice, "Acme");
  const tries: [string, string, string][] = [
    ["bob@example.com", "owner", "invalid_role"],
    ["bob@example.com", "superuser", "invalid_role"],
    ["bob@example.com", "", "invalid_role"],
    ["not an address", "member", "invalid_email"],
    [`${"x".repeat(1_000_000)}@example.com`, "member", "invalid_email"],
    ["bob@example.com\nBcc: eve@example.com", "member", "invalid_email"],
  ];
  for (const [email, role, code] of tries) {
    const { error, status } = await invite(alice, organization, email, role);
    deepEqual([error?.details, status], [code, 400], `${email.slice(0, 40)} ${role}`);
    ok(JSON.stringify(error).length < 500);
  }
  const made = await database.sql`
    select from public.organization_invitations where organization_id = ${organization}`;
  equal(made.length, 0);
});
