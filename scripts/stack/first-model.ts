import { z } from "zod";
import type { StackEnvironment } from "./folder/environment-file.ts";

const modelsSchema = z.object({
  data: z.array(z.object({ id: z.string(), owned_by: z.string().default("") })).nonempty(),
});

/**
 * A model that the holder of the token may use: the first whose vendor has a credential, else the first of
 * all; the default of ccrouter when the list cannot be had.
 */
export async function firstModel(
  stack: Pick<StackEnvironment, "FUNCTIONS_URL" | "VENDOR_CREDENTIALS">,
  token: string,
): Promise<string> {
  const response = await fetch(`${stack.FUNCTIONS_URL}/models`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const models = modelsSchema.safeParse(await response.json().catch(() => null)).data?.data ?? [];
  const credentials = (stack.VENDOR_CREDENTIALS ?? "").split(",");
  const real = models.find(({ owned_by }) => {
    const vendor = owned_by.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
    return ["API_KEY", "SERVICE_ACCOUNT"].some((kind) => credentials.includes(`${vendor}_${kind}`));
  });
  return (real ?? models[0])?.id ?? "gemini-3.8-flash";
}
