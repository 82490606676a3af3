import type { Env } from "../_shared/env.ts";
import { ApiError } from "../_shared/errors.ts";
import type { Route } from "./db.ts";

/** Where to send a turn, credential included. */
export interface Target {
  url: string;
  headers: Record<string, string>;
  /** What must never be repeated in an error or a log; empty for the demo upstream. */
  secret: string;
}

/** The part of the environment that says how vendors are reached. */
export type VendorEnv = Pick<Env, "variables" | "hasVendorKey" | "demoUpstreamUrl">;

/**
 * Finds the address and the credential for a route. The demo upstream answers only where no vendor
 * has a credential, so that it never answers for a model that somebody meant to pay for.
 *
 * @throws {ApiError} Where the route cannot be called: 400, 501 or 503.
 */
export function resolveTarget(route: Route, env: VendorEnv): Target {
  if (route.credential === "own") {
    throw new ApiError(
      400,
      "no_provider_key",
      `Cannot call vendor "${route.vendor_id}" with your own key: this server does not use own keys. Choose a model of a platform agent; GET /models lists them.`,
      { param: "model" },
    );
  }
  if (route.api_format !== "openai" || !route.base_url) {
    throw new ApiError(
      501,
      "api_format_not_supported",
      `Cannot call vendor "${route.vendor_id}": it offers no API in OpenAI's format. Choose another model; GET /models lists them.`,
      { param: "model" },
    );
  }

  if (!env.hasVendorKey && env.demoUpstreamUrl) {
    return { url: endpoint(env.demoUpstreamUrl), headers: {}, secret: "" };
  }
  const secret = variable("API_KEY", route, env);
  const baseUrl = route.base_url.replaceAll(
    /\{(\w+)\}/g,
    (_placeholder, name: string) => encodeURIComponent(variable(name, route, env)),
  );
  const value = route.auth_scheme ? `${route.auth_scheme} ${secret}` : secret;
  return { url: endpoint(baseUrl), headers: { [route.auth_header]: value }, secret };
}

/** What the operator has set for a vendor: `OPENROUTER_API_KEY`, `GOOGLE_VERTEX_LOCATION`. */
function variable(name: string, { vendor_id }: Route, { variables }: VendorEnv): string {
  const fullName = `${vendor_id}_${name}`.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
  const value = variables.get(fullName);
  if (value) return value;
  throw new ApiError(
    503,
    "provider_not_configured",
    `Cannot call vendor "${vendor_id}": it is not configured. The operator must set the function secret ${fullName}.`,
  );
}

function endpoint(baseUrl: string): string {
  return `${baseUrl.replace(/\/+$/, "")}/chat/completions`;
}
