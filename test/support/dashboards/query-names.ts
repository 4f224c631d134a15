import { Glob } from 'bun'

/** The name of every query in the source of src/analytics, sorted. */
export async function queryNamesOfSource(): Promise<string[]> {
  const names = new Set<string>()
  for await (const file of new Glob('src/analytics/**/*.ts').scan('.'))
    for (const [, name = ''] of (await Bun.file(file).text()).matchAll(
      /(?:tenantQuery<[^(]*|readMessageActivity)\(\s*'(\w+)'/g,
    ))
      names.add(name)
  return [...names].toSorted()
}
