import { Glob } from 'bun'

/** The name of every query in the source of src/analytics, sorted; `*_late` stands for one that begins with the name of its dashboard. */
export async function queryNamesOfSource(): Promise<string[]> {
  const names = new Set<string>()
  for await (const file of new Glob('src/analytics/**/*.ts').scan('.')) {
    const text = await Bun.file(file).text()
    for (const [, name, suffix] of text.matchAll(
      /(?:tenantQuery<[^(]*|readMessageActivity)\(\s*(?:'(\w+)'|`\$\{name\}(\w+)`)/g,
    ))
      names.add(name ?? `*${suffix}`)
    // Those of queries for metrics, which are given to a function that sends them.
    for (const [, name] of text.matchAll(/'(query_\w+)'/g)) names.add(name!)
  }
  return [...names].toSorted()
}
