import type { Route } from "../turn_database.ts";

/*
 * Gemini's API accepts the id of a call and of its result, which distinguishes parallel calls of
 * one function. Vertex AI, whose addresses name the publisher of a model, refuses both: 400
 * `Unknown name "id" at 'contents[1].parts[0].function_call': Cannot find field` (pydantic-ai#5081,
 * 14 April 2026; litellm#28324, 20 May 2026; vercel/ai#15664, 28 May 2026). It pairs calls and
 * results by name and order.
 */

/** Whether a route with Gemini's API is sent the ids of calls. */
export function takesCallIds({ base_url }: Pick<Route, "base_url">): boolean {
  return !/\/publishers\/|\baiplatform\.googleapis\.com\//.test(base_url ?? "");
}
