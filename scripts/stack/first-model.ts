import { z } from "zod";

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })).nonempty() });

/** A model that the holder of the token may use; the seed's own when the list cannot be had. */
export async function firstModel(functionsUrl: string, token: string): Promise<string> {
  const response = await fetch(`${functionsUrl}/models`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const models = modelsSchema.safeParse(await response.json().catch(() => null));
  return models.data?.data[0]?.id ?? "gemini-1.5-pro";
}
