import type { NpmPrograms } from "./npm-packages.ts";

/** Programs that write code, in the versions that are tested. */
export const codingAgents: NpmPrograms = {
  name: "Codex CLI and Claude Code",
  packages: { "@openai/codex": "0.171.0", "@anthropic-ai/claude-code": "2.1.197" },
  folder: "coding-agents",
  size: "650 MB",
};
