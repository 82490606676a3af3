/** A result of one check. */
export interface Finding {
  /** What was looked at: "settings", "database", "jobs". */
  check: string;
  status: "ok" | "warning" | "error";
  /** One sentence; for a problem, with what to do about it. */
  message: string;
}

/** Makes the findings of one check. */
export function findingsOf(check: string) {
  const make = (status: Finding["status"]) => (message: string): Finding => ({
    check,
    status,
    message: message.replace(/\s+/g, " "),
  });
  return { ok: make("ok"), warning: make("warning"), error: make("error") };
}

/**
 * Removes secrets that a server or a library may have repeated.
 *
 * @param environment Where the secrets are from.
 */
export function withoutSecrets(
  findings: readonly Finding[],
  environment: Readonly<Record<string, string>>,
): Finding[] {
  const secrets = Object.entries(environment).flatMap(([name, value]) => secretsIn(name, value));
  return findings.map((finding) => ({
    ...finding,
    message: secrets.reduce((text, secret) => text.replaceAll(secret, "[secret]"), finding.message),
  }));
}

/** Shorter values are no secrets, and may be a part of any sentence. */
const leastLength = 6;

function secretsIn(name: string, value: string): string[] {
  const password = URL.canParse(value) ? new URL(value).password : "";
  const isSecret = /KEY|SECRET|TOKEN|PASSWORD|ACCOUNT/.test(name);
  const parts = isSecret ? [value, ...value.match(/[^\s"'{}:,]+/g) ?? []] : [];
  return [password, safelyDecoded(password), ...parts]
    .filter((text) => text.length >= leastLength)
    .sort((a, b) => b.length - a.length);
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
