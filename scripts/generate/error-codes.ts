import type { Sql } from "postgres";
import { z } from "zod";
import type { FunctionOperations } from "./read-operations.ts";

/** A row of `private.error_codes`. */
export interface CodeOfError {
  code: string;
  status: number;
  meaning: string;
  remedy: string;
}

const codesSchema = z.array(z.object({
  code: z.string(),
  status: z.int(),
  meaning: z.string(),
  remedy: z.string(),
}));

/** The registry of error codes, by code. */
export async function readErrorCodes(sql: Sql): Promise<CodeOfError[]> {
  return codesSchema.parse(
    await sql`
      select code, status, meaning, remedy from private.error_codes order by code collate "C"`,
  );
}

/** The TypeScript module with which `ApiError` finds the status of a code. */
export function errorCodesModule(codes: readonly CodeOfError[]): string {
  return `// The error codes of private.error_codes. Written by \`npm run generate\`. Do not edit.

/** The HTTP status of each error code. docs/errors.md says what they mean. */
export const ERROR_STATUS = {
${codes.map(({ code, status }) => `  ${code}: ${status},`).join("\n")}
} as const;

/** A code of a business error. */
export type ErrorCode = keyof typeof ERROR_STATUS;

/** Whether a text is one of the codes. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_STATUS, text);
}
`;
}

const HEADER = `# Error codes

Every business error has one of these codes. Written by \`npm run generate\` from
\`private.error_codes\` and the operations of the functions.

- The edge functions answer \`{"error": {"message", "type", "param", "code"}}\`. Some errors have
  further fields: \`budget_exceeded\` has \`budget_scope\`, \`period\`, \`limit\` and \`resets_at\`.
- The Data API answers \`{"code", "message", "details", "hint"}\`: \`code\` is \`PT\` and the status,
  \`details\` the error code, \`message\` what failed. The first line of \`hint\` says what to do; a
  second line, where there is one, is a JSON object for programs.

Operations are named in the last column where they declare the code. Any operation may answer a code
about the access token, the format of the request, rate limits or the availability of the server.

| code | status | meaning | what to do | operations |
| --- | --- | --- | --- | --- |
`;

/** The page of error codes as Markdown. */
export function errorReference(
  codes: readonly CodeOfError[],
  functions: readonly FunctionOperations[],
): string {
  const operations = functions.flatMap(({ operations }) => operations.map(([, one]) => one));
  const rows = codes.map(({ code, status, meaning, remedy }) => {
    const answeredBy = operations
      .filter(({ errors }) => errors.some((one) => one === code))
      .map(({ method, path }) => `\`${method} ${path.replace("+}", "}")}\``)
      .join(", ");
    const cells = [`\`${code}\``, status, meaning, remedy, answeredBy];
    return `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return HEADER + rows.join("\n") + "\n";
}
