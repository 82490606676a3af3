import { deepEqual, doesNotMatch, equal, match, throws } from "node:assert/strict";
import { parseEnv } from "../../functions/_shared/core/env.ts";
import { ApiError } from "../../functions/_shared/core/errors.ts";

const COMPLETE = {
  SUPABASE_URL: "http://127.0.0.1:54321/",
  SUPABASE_SECRET_KEYS: '{"worker":"sb_secret_w","default":"sb_secret_d"}',
};

Deno.test("parseEnv() derives issuer and keys from the project's URL", () => {
  const env = parseEnv(COMPLETE);
  equal(env.supabaseUrl, "http://127.0.0.1:54321");
  equal(env.secretKey, "sb_secret_d");
  equal(env.authIssuer, "http://127.0.0.1:54321/auth/v1");
  equal(env.jwksUrl, "http://127.0.0.1:54321/auth/v1/.well-known/jwks.json");
  equal(env.jwtSecret, undefined);
  equal(env.demoUpstreamUrl, undefined);
  deepEqual(env.trustedHosts, []);
});

Deno.test("parseEnv() knows the secret keys by name", () => {
  deepEqual([...parseEnv(COMPLETE).secretKeys], [
    ["worker", "sb_secret_w"],
    ["default", "sb_secret_d"],
  ]);
});

Deno.test("parseEnv() reads the hosts that the operator vouches for", () => {
  const env = parseEnv({ ...COMPLETE, TRUSTED_HOSTS: "127.0.0.1, ollama.internal:11434,\n" });
  deepEqual(env.trustedHosts, ["127.0.0.1", "ollama.internal:11434"]);
});

Deno.test("parseEnv() goes by the platform's header for addresses, unless another is named", () => {
  const headerOf = (more: object) => parseEnv({ ...COMPLETE, ...more }).clientAddressHeader;
  equal(headerOf({}), "cf-connecting-ip");
  equal(headerOf({ CLIENT_ADDRESS_HEADER: "" }), "cf-connecting-ip");
  equal(headerOf({ CLIENT_ADDRESS_HEADER: "X-Forwarded-For" }), "X-Forwarded-For");
  throws(() => headerOf({ CLIENT_ADDRESS_HEADER: "a header" }), /CLIENT_ADDRESS_HEADER/);
});

Deno.test("parseEnv() prefers an issuer and key address that are given", () => {
  const env = parseEnv({
    ...COMPLETE,
    AUTH_ISSUER: "https://auth.example.com/auth/v1",
    SUPABASE_JWKS_URL: "https://keys.example.com/jwks.json",
  });
  equal(env.authIssuer, "https://auth.example.com/auth/v1");
  equal(env.jwksUrl, "https://keys.example.com/jwks.json");
});

Deno.test("parseEnv() takes an empty variable for an absent one", () => {
  const env = parseEnv({
    ...COMPLETE,
    JWT_SECRET: "",
    DEMO_UPSTREAM_URL: "",
    OPENAI_API_KEY: " \n",
  });
  equal(env.variables.has("OPENAI_API_KEY"), false);
  deepEqual([env.jwtSecret, env.demoUpstreamUrl], [undefined, undefined]);
});

Deno.test("parseEnv() strips the line end that came with a pasted secret", () => {
  const env = parseEnv({ ...COMPLETE, OPENAI_API_KEY: "sk-1\n" });
  equal(env.variables.get("OPENAI_API_KEY"), "sk-1");
});

Deno.test("parseEnv() keeps the keys of encryption where no vendor's address can name them", () => {
  const env = parseEnv({ ...COMPLETE, KEY_ENCRYPTION_KEYS: " {} \n" });
  equal(env.keyEncryptionKeys, "{}");
  equal(env.variables.has("KEY_ENCRYPTION_KEYS"), false);
  equal(parseEnv({ ...COMPLETE, KEY_ENCRYPTION_KEYS: "" }).keyEncryptionKeys, undefined);
});

Deno.test("parseEnv() names every variable at fault, and shows no value", () => {
  const broken = {
    SUPABASE_URL: "not-a-url-hush",
    SUPABASE_SECRET_KEYS: '{"default":"sb_secret_hush"',
    JWT_SECRET: "short-hush",
  };
  throws(() => parseEnv(broken), (error: unknown) => {
    const { message, status, code, cause } = error as ApiError;
    equal(status, 500);
    equal(code, "function_misconfigured");
    match(message, /SUPABASE_URL, SUPABASE_SECRET_KEYS, JWT_SECRET/);
    doesNotMatch(message, /hush/);
    equal(cause, undefined);
    return error instanceof ApiError;
  });
});

Deno.test("parseEnv() asks for the variables without which nothing works", () => {
  throws(() => parseEnv({}), { message: /SUPABASE_URL, SUPABASE_SECRET_KEYS/ });
});
