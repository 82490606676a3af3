import { addDays } from "../../common/days.ts";
import { createRandomStream, type RandomStream } from "./random-stream.ts";
import { divideByWeights, weightedChoice, zipfWeights } from "./distributions.ts";

/** A service that the agents call, with its prices in dollars per million tokens. */
export interface Service {
  id: string;
  vendor: string;
  model: string;
  inputRate: number;
  outputRate: number;
}

/** A user of agents. */
export interface Person {
  id: string;
  organization: number;
  /** The agents that this person uses. */
  agents: readonly number[];
  choose: (random: RandomStream) => number;
}

/** An organization. */
export interface Organization {
  id: string;
  timeZone: string;
  members: readonly number[];
}

/** An agent of an organization, or of the platform, which has neither owner nor organization. */
export interface Agent {
  id: string;
  owner: number | null;
  organization: number | null;
  service: Service;
  features: readonly string[];
}

/** All generated data except the interactions. */
export interface Dataset {
  seed: number;
  rows: number;
  /** First and last day, as YYYY-MM-DD. */
  days: readonly string[];
  /** Interactions of each day. */
  perDay: readonly number[];
  organizations: readonly Organization[];
  /** The first is the heaviest user. */
  people: readonly Person[];
  agents: readonly Agent[];
  choosePerson: (random: RandomStream) => number;
}

/** Numbers of the generated rows. */
export const scale = {
  days: 90,
  people: 1_000,
  /** At most: organizations without users are not generated. */
  organizations: 80,
  /** Of the first person. */
  ownAgents: 50,
  /** The first user's share of all interactions: a million of ten. */
  heavyShare: 0.1,
  /** People of the first person's organization. */
  colleagues: 12,
  platformAgents: 2,
};

/** An id that is derived from the kind of the row and its position. */
export function idOf(kind: "person" | "organization" | "agent", place: number): string {
  const number = { person: 9101, organization: 9102, agent: 9103 }[kind];
  return `00000000-0000-4000-${number}-${String(place).padStart(12, "0")}`;
}

const timeZones = [
  "Europe/Berlin",
  "America/New_York",
  "UTC",
  "Asia/Kolkata",
  "America/Los_Angeles",
  "Pacific/Auckland",
  "America/Sao_Paulo",
];

/** Rows of the catalogue that every installation has. */
const services: readonly Service[] = [
  ["openai_gpt4o", "openai", "gpt-4o", 2.5, 10],
  ["anthropic_claude35_sonnet", "anthropic", "claude-3-5-sonnet-20241022", 3, 15],
  ["openai_gpt4o_mini", "openai", "gpt-4o-mini", 0.15, 0.6],
  ["google_gemini_15_pro", "google_ai", "gemini-1.5-pro", 1.25, 5],
  ["anthropic_claude35_haiku", "anthropic", "claude-3-5-haiku-20241022", 0.8, 4],
  ["google_gemini_20_flash", "google_ai", "gemini-2.0-flash", 0.1, 0.4],
  [
    "together_llama31_70b",
    "together_ai",
    "meta-llama/Meta-Llama-3.1-70B-Instruct-Turbo",
    0.88,
    0.88,
  ],
  ["perplexity_sonar", "perplexity", "sonar", 1, 1],
].map(([id, vendor, model, inputRate, outputRate]) => ({
  id: String(id),
  vendor: String(vendor),
  model: String(model),
  inputRate: Number(inputRate),
  outputRate: Number(outputRate),
}));

const features = ["coding", "analysis", "writing", "daily_qa", "research", "translation"];

/**
 * Generates the data for a number of interactions, determined by the seed.
 *
 * @param lastDay Its last day, as YYYY-MM-DD.
 */
export function makeDataset(seed: number, rows: number, lastDay: string): Dataset {
  const random = createRandomStream(seed, 0);
  const homes = dealHomes(random);
  const organizations = groupByHome(homes).map((members, place): Organization => ({
    id: idOf("organization", place),
    timeZone: timeZones[place % timeZones.length]!,
    members,
  }));
  const agents = makeAgents(random, organizations);
  const people = homes.map((_, place) => makePerson(place, organizations, agents));
  const others = zipfWeights(scale.people - 1);
  const sum = others.reduce((all, weight) => all + weight, 0);
  const { heavyShare } = scale;
  const days = Array.from(
    { length: scale.days },
    (_, day) => addDays(lastDay, day + 1 - scale.days),
  );
  return {
    seed,
    rows,
    days,
    perDay: divideByWeights(rows, days.map((day, index) => weightOf(random, day, index))),
    organizations,
    people,
    agents,
    choosePerson: weightedChoice([
      heavyShare,
      ...others.map((weight) => weight / sum * (1 - heavyShare)),
    ]),
  };
}

/** The organization of each person. */
function dealHomes(random: RandomStream): number[] {
  const choose = weightedChoice(zipfWeights(scale.organizations - 1));
  return Array.from(
    { length: scale.people },
    (_, person) => person < scale.colleagues ? 0 : 1 + choose(random),
  );
}

function groupByHome(homes: readonly number[]): number[][] {
  const groups = new Map<number, number[]>();
  homes.forEach((home, person) => groups.set(home, [...groups.get(home) ?? [], person]));
  return [...groups.entries()].sort(([one], [other]) => one - other).map(([, members]) => members);
}

function makeAgents(random: RandomStream, organizations: readonly Organization[]): Agent[] {
  const chooseService = weightedChoice(zipfWeights(services.length));
  const chooseCount = weightedChoice(zipfWeights(8));
  const agents: Agent[] = [];
  const add = (owner: number | null, organization: number | null) => {
    const first = random.below(features.length);
    agents.push({
      id: idOf("agent", agents.length),
      owner,
      organization,
      service: services[chooseService(random)]!,
      features: [first, first + 1, first + 3].slice(0, random.below(4))
        .map((feature) => features[feature % features.length]!),
    });
  };
  organizations.forEach(({ members }, organization) => {
    for (const member of members) {
      const count = member === 0 ? scale.ownAgents : 1 + chooseCount(random);
      for (let made = 0; made < count; made++) add(member, organization);
    }
  });
  for (let made = 0; made < scale.platformAgents; made++) add(null, null);
  return agents;
}

/** People use their own agents most, then the platform's, then those of colleagues. */
function makePerson(
  place: number,
  organizations: readonly Organization[],
  agents: readonly Agent[],
): Person {
  const organization = organizations.findIndex(({ members }) => members.includes(place));
  const of = (wanted: (agent: Agent) => boolean) =>
    agents.flatMap((agent, index) => wanted(agent) ? [index] : []);
  const own = of(({ owner }) => owner === place);
  const used = place === 0 ? own : [
    ...own,
    ...of(({ owner }) => owner === null),
    ...of((agent) => agent.organization === organization && agent.owner !== place).slice(0, 12),
  ];
  return {
    id: idOf("person", place),
    organization,
    agents: used,
    choose: weightedChoice(zipfWeights(used.length, 0.9)),
  };
}

/** Usage grows by half over the range, and weekends are quiet. */
function weightOf(random: RandomStream, day: string, index: number): number {
  const weekday = new Date(day).getUTCDay();
  const week = weekday === 0 ? 0.35 : weekday === 6 ? 0.4 : 1;
  return week * (1 + 0.5 * index / scale.days) * (0.92 + 0.16 * random.unit());
}
