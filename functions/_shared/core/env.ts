import { z } from "zod";
import { type DirectSettings, directSettings, directVariables } from "./direct_settings.ts";
import { ApiError } from "./errors.ts";

/** The configuration that functions read from their environment. */
export interface Env {
  /** Base URL of the project, no trailing slash. */
  supabaseUrl: string;
  /** Key with which functions call the Data API as service_role. */
  secretKey: string;
  /** How functions reach Postgres without the Data API; null where they do not. */
  direct: DirectSettings | null;
  /** All secret keys by name: they identify the operator and the operator's programs. */
  secretKeys: ReadonlyMap<string, string>;
  /** The required issuer of access tokens. */
  authIssuer: string;
  /** URL of the issuer's public keys. */
  jwksUrl: string;
  /** Shared secret of HS256 tokens; absent where only asymmetric keys are accepted. */
  jwtSecret: string | undefined;
  /** The keys that secrets are encrypted with, as {@linkcode createKeyring} takes them. */
  keyEncryptionKeys: string | undefined;
  /**
   * Every other variable that is set. Vendors' credentials and addresses are looked up here by
   * name.
   */
  variables: ReadonlyMap<string, string>;
  /** Echo model that answers for vendors without a credential. Local stack only. */
  demoUpstreamUrl: string | undefined;
  /**
   * Header with the client's address. It must be one that the host's proxy sets itself and
   * overwrites when a client sends it.
   */
  clientAddressHeader: string;
  /** Hosts that may be called although they are not public: see {@linkcode createGuardedFetch}. */
  trustedHosts: readonly string[];
}

const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ""));
const absentWhenEmpty = (value: unknown) => value === "" ? undefined : value;

/** `{"default":"sb_secret_…","cron":"sb_secret_…"}`: at least one key. */
const keyring = z.string().transform((text, context) => {
  try {
    const keys = z.record(z.string(), z.string().min(1)).parse(JSON.parse(text));
    const key = keys["default"] ?? Object.values(keys)[0];
    if (key) return { key, byName: new Map(Object.entries(keys)) };
  } catch {
    // Reported below, without the text: it holds the keys.
  }
  context.addIssue({ code: "custom", message: "not a JSON object of named keys" });
  return z.NEVER;
});

/** `127.0.0.1,ollama.internal:11434`. */
const hosts = z.string().default("").transform((text) =>
  text.split(",").map((host) => host.trim()).filter((host) => host !== "")
);

const envSchema = z.object({
  SUPABASE_URL: httpUrl,
  SUPABASE_SECRET_KEYS: keyring,
  SUPABASE_JWKS_URL: z.preprocess(absentWhenEmpty, httpUrl.optional()),
  // The issuer differs from SUPABASE_URL behind a custom domain, and in `supabase start`, where
  // functions reach the gateway by another name than clients do.
  AUTH_ISSUER: z.preprocess(absentWhenEmpty, httpUrl.optional()),
  JWT_SECRET: z.preprocess(absentWhenEmpty, z.string().min(32).optional()),
  DEMO_UPSTREAM_URL: z.preprocess(absentWhenEmpty, httpUrl.optional()),
  // The platform is behind Cloudflare, which overwrites this header.
  CLIENT_ADDRESS_HEADER: z.preprocess(
    absentWhenEmpty,
    z.string().regex(/^[\w-]+$/).default("cf-connecting-ip"),
  ),
  TRUSTED_HOSTS: hosts,
  ...directVariables,
});

/**
 * Parses the environment once, at the edge of the process.
 *
 * @throws {ApiError} 500 `function_misconfigured`, naming the variables at fault and no value.
 */
export function parseEnv(source: Record<string, string>): Env {
  const parsed = envSchema.safeParse(source);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0])))];
    throw new ApiError(
      "function_misconfigured",
      `Cannot start the function: ${
        names.join(", ")
      } missing or invalid. Set it in the function's environment.`,
    );
  }
  const vars = parsed.data;
  const trimmed = Object.entries(source).map(([name, value]) => [name, value.trim()] as const);
  const variables = new Map(trimmed.filter(([, value]) => value !== ""));
  const keyEncryptionKeys = variables.get("KEY_ENCRYPTION_KEYS");
  // A vendor is a row, and its address may name variables; never these.
  for (const name of ["KEY_ENCRYPTION_KEYS", "DATABASE_URL", "SUPABASE_DB_URL"]) {
    variables.delete(name);
  }
  return {
    supabaseUrl: vars.SUPABASE_URL,
    secretKey: vars.SUPABASE_SECRET_KEYS.key,
    direct: directSettings(vars),
    secretKeys: vars.SUPABASE_SECRET_KEYS.byName,
    authIssuer: vars.AUTH_ISSUER ?? `${vars.SUPABASE_URL}/auth/v1`,
    jwksUrl: vars.SUPABASE_JWKS_URL ?? `${vars.SUPABASE_URL}/auth/v1/.well-known/jwks.json`,
    jwtSecret: vars.JWT_SECRET,
    keyEncryptionKeys,
    variables,
    demoUpstreamUrl: vars.DEMO_UPSTREAM_URL,
    clientAddressHeader: vars.CLIENT_ADDRESS_HEADER,
    trustedHosts: vars.TRUSTED_HOSTS,
  };
}
