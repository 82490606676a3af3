/** Names of the variables that the functions read vendors' credentials from. */
export function vendorCredentials(environment: Record<string, string>): string[] {
  return Object.keys(environment)
    .filter((name) =>
      /^[A-Z0-9_]+_(API_KEY|SERVICE_ACCOUNT)$/.test(name) && environment[name] !== ""
    )
    .sort();
}

/** Says which models answer, given the names of vendors' credentials. */
export function describeModels(credentials: readonly string[]): string {
  return credentials.length === 0
    ? "a demo model answers: no vendor's key is set (such as OPENROUTER_API_KEY)"
    : `vendors' keys: ${credentials.join(", ")}; for other vendors a demo model answers`;
}
