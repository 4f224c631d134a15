import { relative } from 'node:path'
import type { Command } from 'commander'
import { buildPage } from '../host/bun/build-page.ts'
import { PAGE_FOLDER } from '../host/page-files.ts'
import { PROJECT_ROOT } from '../host/project-root.ts'
import { createCommand } from './command.ts'
import { printError } from './output.ts'

export function buildPageCommand(): Command {
  return createCommand(
    'build-page',
    "Bundles the dashboards' page, which the service reads at its start. Does nothing when the page is a build of the same sources.",
  ).action(async () => {
    if (await buildPage()) printError(`The dashboards' page is in ${relative(PROJECT_ROOT, PAGE_FOLDER)}.`)
  })
}
