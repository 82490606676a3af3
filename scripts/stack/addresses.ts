import type { StackSettings } from "./folder/settings.ts";

/** Where the parts of a stack answer. */
export interface Addresses {
  apiUrl: string;
  functionsUrl: string;
  /** Connection string of the role that programs of this machine use. */
  publicUrl: string;
  /** Connection string of another role. */
  databaseUrl(role: string, password: string): string;
}

/** The addresses of a stack on the ports of its settings. */
export function addressesOf(
  { apiPort, databasePort }: Pick<StackSettings, "apiPort" | "databasePort">,
): Addresses {
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  const databaseUrl = (role: string, password: string) =>
    `postgresql://${role}:${password}@127.0.0.1:${databasePort}/postgres`;
  return {
    apiUrl,
    functionsUrl: `${apiUrl}/functions/v1`,
    publicUrl: databaseUrl("postgres", "postgres"),
    databaseUrl,
  };
}
