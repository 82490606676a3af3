import { z } from "zod";
import type { Workspace } from "../../common/workspace.ts";
import type { Canaries, Exception, Finding } from "./judge-findings.ts";
import { supabase } from "./supabase-cli.ts";

/** What the advisors must report about `canaries.sql`. */
export const advisorCanaries: Canaries = [
  ["rls_disabled_in_public", "canary_open"],
  ["policy_exists_rls_disabled", "canary_open"],
  ["sensitive_columns_exposed", "canary_open"],
  ["auth_rls_initplan", "canary_closed"],
  ["multiple_permissive_policies", "canary_closed"],
  ["rls_policy_always_true", "canary_closed"],
  ["security_definer_view", "canary_view"],
  ["auth_users_exposed", "canary_people"],
  ["materialized_view_in_api", "canary_copy"],
  ["function_search_path_mutable", "canary_path"],
];

/** Findings that are meant to be. */
export const advisorExceptions: readonly Exception[] = [
  {
    lint: "function_search_path_mutable",
    object: "private.run_job",
    reason: "a procedure that commits may not set its path in its head; it does so in its body",
  },
  {
    lint: "function_search_path_mutable",
    object: "private.run_items",
    reason: "a procedure that commits may not set its path in its head; it does so in its body",
  },
];

const answer = z.object({
  results: z.array(z.object({ name: z.string(), level: z.string(), detail: z.string() })),
});

/** What `supabase db advisors` reports at warning or above. */
export async function findWithAdvisors(
  root: string,
  url: string,
  workspace: Pick<Workspace, "signal">,
): Promise<Finding[]> {
  const args = ["db", "advisors", "--level", "warn", "--output-format", "json", "--remote", url];
  const { results } = answer.parse(JSON.parse(await supabase(root, args, workspace)));
  return results.map(({ name, detail }) => ({ lint: name, detail }));
}
