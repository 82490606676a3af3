import type { Addresses } from "../addresses.ts";
import type { Secrets } from "../folder/secrets.ts";
import { functionsRole } from "../postgres/functions-role.ts";

/** What the functions of a stack find in their environment, whichever process hosts them. */
export function functionsEnvironment(
  addresses: Addresses,
  secrets: Secrets,
): Record<string, string> {
  return {
    SUPABASE_URL: addresses.apiUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: secrets.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: secrets.secretKey, cron: secrets.cronKey }),
    JWT_SECRET: secrets.jwtSecret,
    DATABASE_URL: addresses.databaseUrl(functionsRole, secrets.databasePassword),
    TRUSTED_HOSTS: "127.0.0.1,localhost",
    KEY_ENCRYPTION_KEYS: secrets.keyEncryptionKeys,
  };
}
