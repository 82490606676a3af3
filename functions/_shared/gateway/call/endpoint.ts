import type { Env } from "../../core/env.ts";
import { ApiError } from "../../core/errors.ts";
import type { StoredKey } from "../../crypto/stored_key.ts";
import { credentialHeader } from "../../net/credential_header.ts";
import { vendorApiOf, vendorPath } from "../formats/vendor_apis.ts";
import type { Route } from "../turn_database.ts";

/** Where to send a call, credential included. */
export interface Endpoint {
  url: string;
  headers: Record<string, string>;
  /** The secret, which must never appear in an error or a log; empty for the demo upstream. */
  secret: string;
  /** Whether the secret is a user's key: the caller's own or a shared one. */
  ownKey: boolean;
  /** Fields of a request that are part of the URL, and not of the body. */
  inPath?: readonly string[];
}

/** An endpoint, and the body that it was called with. */
export interface CalledEndpoint extends Endpoint {
  sent: Record<string, unknown>;
}

/** An endpoint whose credential has not been resolved yet. */
export interface PendingEndpoint {
  /** The user's key that it is called with; absent for the platform's credential. */
  key?: StoredKey;
  /** Resolves the endpoint: fetches or decrypts its credential. */
  prepare: () => Promise<Endpoint>;
}

/** The dependencies of {@linkcode endpointsOf}. */
export interface EndpointDeps {
  /** The variables with vendors' addresses and credentials. */
  env: Pick<Env, "variables" | "demoUpstreamUrl">;
  /** Decrypts a user's key. Absent if this server has no keyring. */
  decryptKey?: (key: StoredKey) => Promise<string>;
  /** Gets an access token for a service account, whose key file is given as JSON. */
  accessToken: (serviceAccount: string) => Promise<string>;
}

/**
 * Lists the endpoints of a route in the order in which they are tried. The demo upstream answers
 * for a vendor only if that vendor has no credential.
 *
 * @param path The path after the vendor's base address, such as `/chat/completions`.
 * @param stream Whether the answer is to be streamed.
 * @param ownPath The path for a vendor with its own API; null for OpenAI's.
 * @throws {ApiError} If the route cannot be called: 400, 501 or 503.
 */
export function endpointsOf(
  route: Route,
  path: string,
  deps: EndpointDeps,
  stream = false,
  ownPath: string | null = null,
): PendingEndpoint[] {
  const vendorsPath = ownPath ?? vendorPath(route, path, stream);
  if (vendorsPath === null || !route.base_url) {
    throw new ApiError(
      "api_format_not_supported",
      `Cannot call vendor "${route.vendor_id}": it offers no API in a supported format. Choose another model; GET /models lists them.`,
      { param: "model" },
    );
  }
  const inPath = vendorApiOf(route)?.inPath;
  const target = (secret: string, ownKey: boolean, settings?: StoredKey["settings"]): Endpoint => ({
    url: addressOf(route, vendorsPath, deps, settings),
    headers: credentialHeader(route, secret),
    secret,
    ownKey,
    ...inPath && { inPath },
  });

  if (route.credential !== "platform") {
    const { decryptKey } = deps;
    if (!decryptKey) throw keysNotConfigured(route);
    return route.keys.map((key) => ({
      key,
      prepare: async () => target(await decryptKey(key), true, key.settings ?? {}),
    }));
  }
  const name = credentialName(route);
  const { demoUpstreamUrl } = deps.env;
  if (demoUpstreamUrl && isDemo(route, deps)) {
    const headers = { "x-missing-credential": variableName(name, route) };
    const demo = { url: demoUpstreamUrl + path, headers, secret: "", ownKey: false };
    return [{ prepare: () => Promise.resolve(demo) }];
  }
  const credential = variable(name, route, deps);
  if (name === "API_KEY") return [{ prepare: () => Promise.resolve(target(credential, false)) }];
  return [{ prepare: async () => target(await deps.accessToken(credential), false) }];
}

/** The route as it is called: the demo upstream has OpenAI's API. */
export function routeToCall(route: Route, deps: EndpointDeps): Route {
  return isDemo(route, deps) ? { ...route, api_format: "openai" } : route;
}

function isDemo(route: Route, { env: { demoUpstreamUrl, variables } }: EndpointDeps): boolean {
  return demoUpstreamUrl !== undefined && route.credential === "platform" &&
    !variables.has(variableName(credentialName(route), route));
}

function credentialName({ auth_type }: Route): "SERVICE_ACCOUNT" | "API_KEY" {
  return auth_type === "oauth" ? "SERVICE_ACCOUNT" : "API_KEY";
}

function keysNotConfigured({ vendor_id }: Route): ApiError {
  return new ApiError(
    "keys_not_configured",
    `Cannot call vendor "${vendor_id}" with your own key: this server cannot decrypt it. The operator must set the function secret KEY_ENCRYPTION_KEYS.`,
  );
}

/**
 * The address of a path of a vendor, without any credential. Placeholders are filled from the
 * environment: `{location}` is GOOGLE_VERTEX_LOCATION; for a user's key from its settings alone, so
 * that the key is never sent to the operator's resource.
 *
 * @param settings The settings of the key; absent for the platform's credential.
 * @throws {ApiError} 503 if the operator has not set one; 400 for a key without a setting.
 */
export function addressOf(
  route: Pick<Route, "vendor_id" | "base_url">,
  path: string,
  deps: EndpointDeps,
  settings?: StoredKey["settings"],
): string {
  const value = (name: string) =>
    settings ? settingOf(settings, name, route) : variable(name, route, deps);
  const filled = (route.base_url ?? "").replaceAll(
    /\{(\w+)\}/g,
    (_placeholder, name: string) => encodeURIComponent(value(name)),
  );
  return filled.replace(/\/+$/, "") + path;
}

function settingOf(
  settings: Record<string, string>,
  name: string,
  { vendor_id }: Pick<Route, "vendor_id">,
): string {
  const value = Object.hasOwn(settings, name) ? settings[name] : undefined;
  if (value) return value;
  throw new ApiError(
    "invalid_key_settings",
    `Cannot call vendor "${vendor_id}" with your key: the key has no setting "${name}". Replace it with PUT /keys/{id} and send "settings".`,
  );
}

/** The name of a vendor's variable: `OPENROUTER_API_KEY`. */
function variableName(name: string, { vendor_id }: Pick<Route, "vendor_id">): string {
  return `${vendor_id}_${name}`.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
}

/** Whether the operator has set a credential of a vendor. */
export function hasCredential(variables: ReadonlyMap<string, string>, vendorId: string): boolean {
  return ["API_KEY", "SERVICE_ACCOUNT"].some((name) =>
    variables.has(variableName(name, { vendor_id: vendorId }))
  );
}

function variable(
  name: string,
  route: Pick<Route, "vendor_id">,
  { env }: EndpointDeps,
): string {
  const fullName = variableName(name, route);
  const value = env.variables.get(fullName);
  if (value) return value;
  throw new ApiError(
    "vendor_not_configured",
    `Cannot call vendor "${route.vendor_id}": it is not configured. The operator must set the function secret ${fullName}.`,
  );
}
