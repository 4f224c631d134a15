import { Glob } from 'bun'

/** The name of every query in the source of src/analytics, sorted; `*_late` stands for one that begins with the name of its dashboard. */
export async function queryNamesOfSource(): Promise<string[]> {
  const names = new Set<string>()
  for await (const file of new Glob('src/analytics/**/*.ts').scan('.'))
    for (const [, name, suffix] of (await Bun.file(file).text()).matchAll(
      /(?:tenantQuery<[^(]*|readMessageActivity)\(\s*(?:'(\w+)'|`\$\{name\}(\w+)`)/g,
    ))
      names.add(name ?? `*${suffix}`)
  return [...names].toSorted()
}
