import { z } from "zod";
import type { Workspace } from "../../common/workspace.ts";
import type { Exception, Finding, Planted } from "./evaluate-findings.ts";
import { supabase } from "./supabase-cli.ts";

/** What the advisors must report about `planted-violations.sql`. */
export const advisorPlanted: Planted = [
  ["rls_disabled_in_public", "planted_open"],
  ["policy_exists_rls_disabled", "planted_open"],
  ["sensitive_columns_exposed", "planted_open"],
  ["auth_rls_initplan", "planted_closed"],
  ["multiple_permissive_policies", "planted_closed"],
  ["rls_policy_always_true", "planted_closed"],
  ["security_definer_view", "planted_view"],
  ["auth_users_exposed", "planted_people"],
  ["materialized_view_in_api", "planted_copy"],
  ["function_search_path_mutable", "planted_path"],
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
  {
    lint: "function_search_path_mutable",
    object: "private.run_overdue_jobs",
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
