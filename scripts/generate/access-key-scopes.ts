import type { Sql } from "postgres";
import { z } from "zod";

const scopesSchema = z.array(z.object({ scope: z.string() }));

/** The TypeScript module with the scopes of `private.access_key_scopes()`. */
export async function accessKeyScopesModule(sql: Sql): Promise<string> {
  const rows = scopesSchema.parse(
    await sql`select unnest(private.access_key_scopes()) as scope`,
  );
  return `// The scopes of private.access_key_scopes(). Written by \`npm run generate\`. Do not edit.

/** What an access key may be allowed to call. */
export const ACCESS_KEY_SCOPES = [
${rows.map(({ scope }) => `  ${JSON.stringify(scope)},`).join("\n")}
] as const;

/** A scope of an access key. */
export type AccessKeyScope = typeof ACCESS_KEY_SCOPES[number];
`;
}
