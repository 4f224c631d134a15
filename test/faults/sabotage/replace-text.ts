import { plugin } from 'bun'

/** Loads the module whose path ends with `module` with one piece of its text replaced. Throws when the piece is not there: then the sabotage would be none. */
export function replaceText(module: string, piece: string, by: string): void {
  plugin({
    name: `sabotage of ${module}`,
    setup(build) {
      build.onLoad({ filter: new RegExp(`${module.replaceAll('.', '\\.')}$`) }, async ({ path }) => {
        const text = await Bun.file(path).text()
        if (!text.includes(piece)) throw new Error(`${module} does not hold what the sabotage replaces: ${piece}`)
        return { contents: text.replace(piece, by), loader: 'ts' }
      })
    },
  })
}
