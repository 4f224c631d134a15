import { relative } from 'node:path'
import type { Command } from 'commander'
import { PAGE_FOLDER } from '../host/page-files.ts'
import { PROJECT_ROOT } from '../host/project-root.ts'
import { writeStaticPage } from './static-page.ts'
import { createCommand } from './command.ts'
import { printError } from './output.ts'

export function buildPageCommand(): Command {
  return createCommand(
    'build-page',
    "Bundles the dashboards' page, which the service reads at its start. Does nothing when the page is a build of the same sources.",
  )
    .option('--static <folder>', 'also copies the page into this folder, for a provider that serves static files')
    .action(async ({ static: folder }: { readonly static?: string }) => {
      // Loaded only here, as the bundler is Bun's and the other commands also run on Deno.
      const { buildPage } = await import('../host/bun/build-page.ts')
      if (await buildPage()) printError(`The dashboards' page is in ${relative(PROJECT_ROOT, PAGE_FOLDER)}.`)
      if (folder !== undefined) writeStaticPage(folder)
    })
}
