/**
 * Reads the `[section]` and `key = value` lines of a TOML file; values are kept as written.
 * Enough for `supabase/config.toml`, where every value that is looked at stands on one line.
 */
export function readSections(toml: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let current = new Map<string, string>();
  for (const line of toml.split("\n")) {
    const section = line.match(/^\[([^\]]+)\]/)?.[1];
    const [, key, value] = line.match(/^([A-Za-z_]+)\s*=\s*(.*?)\s*(?:#.*)?$/) ?? [];
    if (section !== undefined) sections.set(section, current = new Map());
    else if (key !== undefined && value !== undefined) current.set(key, value);
  }
  return sections;
}
