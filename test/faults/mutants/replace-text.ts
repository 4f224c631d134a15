import { plugin } from 'bun'

const replacementsByModule = new Map<string, [piece: string, by: string][]>()

/** Loads the module whose path ends with `module` with one piece of its text replaced. May be called several times for a module. Throws when the piece is not there: then the mutant would be none. */
export function replaceText(module: string, piece: string, by: string): void {
  const known = replacementsByModule.get(module)
  if (known) return void known.push([piece, by])
  const replacements: [piece: string, by: string][] = [[piece, by]]
  replacementsByModule.set(module, replacements)
  plugin({
    name: `mutant of ${module}`,
    setup(build) {
      build.onLoad({ filter: new RegExp(`${module.replaceAll('.', '\\.')}$`) }, async ({ path }) => {
        let text = await Bun.file(path).text()
        for (const [from, to] of replacements) {
          if (!text.includes(from)) throw new Error(`${module} does not hold what the mutant replaces: ${from}`)
          text = text.replace(from, to)
        }
        return { contents: text, loader: 'ts' }
      })
    },
  })
}
