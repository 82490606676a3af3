import type postgres from "postgres";
import type { Keyring } from "../../../functions/_shared/crypto/envelope.ts";
import { bindingOfKey, fingerprintLabel } from "../../../functions/_shared/crypto/stored_key.ts";
import type { Expectations } from "./expectations.ts";

/** The vendor that all keys are for. */
export const VENDOR = "rotation_upstream";

/** Keys of one person before anything happens. */
const KEYS_OF_A_PERSON = 50;

/** Rows of one insert. */
const ROWS = 2_000;

/** A key that looks like the vendor's. */
export const newSecret = (): string => `sk-rotation-${crypto.randomUUID()}`;

/** Makes the vendor, people, and their keys under the old key; limits are out of the way. */
export async function makeFixture(
  sql: postgres.Sql,
  keyring: Keyring,
  expectations: Expectations,
  options: { keys: number; baseUrl: string },
): Promise<void> {
  await sql`
    insert into public.vendors (id, name, base_url) values (${VENDOR}, ${VENDOR}, ${options.baseUrl})`;
  await sql`
    insert into public.vendor_services (id, vendor_id, service_name, display_name)
    values (${VENDOR}, ${VENDOR}, 'one', 'One')`;
  await sql`
    update public.plans set requests_per_minute = 1000000, user_requests_per_minute = 1000000`;
  const people = Array.from(
    { length: Math.ceil(options.keys / KEYS_OF_A_PERSON) },
    () => crypto.randomUUID(),
  );
  await sql`
    insert into auth.users (
      id, instance_id, aud, role, email, encrypted_password, email_confirmed_at,
      raw_app_meta_data, raw_user_meta_data, created_at, updated_at
    )
    select person, '00000000-0000-0000-0000-000000000000', 'authenticated', 'authenticated',
      person || '@example.com', '', now(), '{}', '{}', now(), now()
    from unnest(${people}::uuid[]) person`;
  for (let made = 0; made < options.keys; made += ROWS) {
    const rows = await Promise.all(
      Array.from({ length: Math.min(ROWS, options.keys - made) }, async (_, index) => {
        // SAFETY: there is a person for every fifty keys.
        const owner = people[Math.floor((made + index) / KEYS_OF_A_PERSON)]!;
        const [id, secret] = [crypto.randomUUID(), newSecret()];
        const place = bindingOfKey({ id, user_id: owner, vendor_id: VENDOR });
        expectations.stored(id, owner, secret);
        return {
          id,
          user_id: owner,
          vendor_id: VENDOR,
          encrypted_key: await keyring.encrypt(secret, place),
          key_preview: secret.slice(-4),
          key_fingerprint: await keyring.fingerprint(secret, fingerprintLabel(place)),
        };
      }),
    );
    await sql`insert into public.user_api_keys ${sql(rows)}`;
  }
}
