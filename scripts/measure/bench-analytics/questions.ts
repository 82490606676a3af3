import type { Dataset } from "./dataset.ts";

/** A query that a dashboard asks, and the same without row level security. */
export interface Question {
  name: string;
  /** As a signed-in person, under the policies. */
  asPerson: string;
  /** Without row level security, with the filter of the policies written into it. */
  byHand: string;
  /** The promised limit in milliseconds with ten million interactions; null if there is none. */
  limit: number | null;
  /** Whether it is about one agent or one day, so that its time must not grow with the ledger. */
  isNarrow: boolean;
}

/** Days that the questions look back. */
const days = 30;

/** The subject of the queries, as SQL text. */
interface Subject {
  person: string;
  /** A user who is busy in another organization. */
  stranger: string;
  organization: string;
  agent: string;
  /** An agent that everyone uses. */
  platformAgent: string;
  /** An array of the person's organizations. */
  mine: string;
  /** The last day, and the first that is looked back to. */
  to: string;
  since: string;
}

/**
 * The queries of a user with 50 agents and a tenth of all interactions.
 *
 * @param organizations Ids of all organizations that the person belongs to.
 */
export function questionsOf(dataset: Dataset, organizations: readonly string[]): Question[] {
  const person = dataset.people[0]!;
  const subject: Subject = {
    person: person.id,
    stranger: dataset.people[1]!.id,
    organization: dataset.organizations[0]!.id,
    agent: dataset.agents[person.agents[0]!]!.id,
    platformAgent: dataset.agents.findLast(({ owner }) => owner === null)!.id,
    mine: `array[${organizations.map((id) => `'${id}'`).join(", ")}]::uuid[]`,
    to: dataset.days.at(-1)!,
    since: `'${dataset.days.at(-days)!}'`,
  };
  return [
    ...questionsOfAgents(subject),
    ...questionsOfInteractions(subject),
    ...questionsOfDays(subject),
  ];
}

/** The same query for both callers. */
function same(
  { person }: Pick<Subject, "person">,
  text: (user: string) => string,
): Pick<Question, "asPerson" | "byHand"> {
  return { asPerson: text("(select auth.uid())"), byHand: text(`'${person}'::uuid`) };
}

function questionsOfAgents(subject: Subject): Question[] {
  const { agent, platformAgent, mine } = subject;
  return [
    {
      name: "agent_summary, all 50 own agents",
      ...same(
        subject,
        (user) =>
          `select * from agent_summary where user_id = ${user} and is_active order by activity_score desc`,
      ),
      limit: 25,
      isNarrow: false,
    },
    {
      name: "agent_summary, one agent",
      ...same(subject, () => `select * from agent_summary where id = '${agent}'`),
      limit: null,
      isNarrow: true,
    },
    {
      name: "agent_summary, an agent that everyone uses",
      asPerson:
        `select total_interactions, total_cost from agent_summary where id = '${platformAgent}'`,
      byHand: `select sum(interactions)::bigint as total_interactions, sum(total_cost) as total_cost
        from agent_usage where agent_id = '${platformAgent}' and organization_id = any (${mine})`,
      limit: null,
      isNarrow: true,
    },
    {
      name: "get_agent_usage_summary(), 30 days",
      ...same(subject, () => `select * from get_agent_usage_summary('${agent}', ${days})`),
      limit: null,
      isNarrow: true,
    },
  ];
}

function questionsOfInteractions(subject: Subject): Question[] {
  const { agent, organization, person, stranger, mine } = subject;
  const byHand = (condition: string) =>
    `select * from private.named_interactions where ${condition} order by started_at desc limit 50`;
  return [
    {
      name: "list_interactions(), 50 of one organization",
      asPerson: `select * from list_interactions(organization_id => '${organization}')`,
      byHand: byHand(`organization_id = '${organization}'`),
      limit: null,
      isNarrow: true,
    },
    {
      name: "recent_interactions, 50 of all that is seen",
      asPerson: "select * from recent_interactions limit 50",
      byHand: byHand(`organization_id = any (${mine})`),
      limit: null,
      isNarrow: false,
    },
    {
      name: "list_interactions(), 50 own",
      asPerson: `select * from list_interactions(user_id => '${person}')`,
      byHand: byHand(`user_id = '${person}'`),
      limit: null,
      isNarrow: true,
    },
    {
      name: "list_interactions(), 50 of one agent",
      asPerson: `select * from list_interactions(agent_id => '${agent}')`,
      byHand: byHand(`agent_id = '${agent}'`),
      limit: null,
      isNarrow: true,
    },
    {
      name: "list_interactions(), 50 of a busy person elsewhere",
      asPerson: `select * from list_interactions(user_id => '${stranger}')`,
      byHand: byHand(`user_id = '${stranger}' and organization_id = any (${mine})`),
      limit: null,
      isNarrow: false,
    },
  ];
}

function questionsOfDays(subject: Subject): Question[] {
  const { organization, mine, to, since } = subject;
  const visible =
    `(organization_id = any (${mine}) or organization_id is null and created_by = '${subject.person}' or id in (select id from agents where is_platform))`;
  return [
    {
      name: "agent_dashboard",
      asPerson: "select * from agent_dashboard",
      byHand: `select * from agent_dashboard where ${visible}`,
      limit: null,
      isNarrow: false,
    },
    {
      name: "ai_usage_stats, 30 days",
      ...same(
        subject,
        (user) =>
          `select date, total_interactions, total_cost, vendor_usage, feature_usage from ai_usage_stats
        where user_id = ${user} and date >= ${since} order by date desc`,
      ),
      limit: null,
      isNarrow: false,
    },
    {
      name: "ai_usage_stats, one day",
      ...same(
        subject,
        (user) => `select * from ai_usage_stats where user_id = ${user} and date = '${to}'`,
      ),
      limit: null,
      isNarrow: true,
    },
    ...["day", "organization", "user", "agent", "model", "vendor", "feature"].map((by) => ({
      name: `get_usage('${by}'), 30 days`,
      ...same(
        subject,
        () =>
          `select key, interactions, total_cost from get_usage('${by}', ${since}, '${to}', '${organization}')`,
      ),
      limit: null,
      isNarrow: false,
    })),
    {
      name: "get_usage('agent'), one day",
      ...same(
        subject,
        () =>
          `select key, interactions, total_cost from get_usage('agent', '${to}', '${to}', '${organization}')`,
      ),
      limit: null,
      isNarrow: true,
    },
  ];
}
