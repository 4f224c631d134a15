/** `npm run build`: bundles the dashboards' page, which the service serves as it finds it. Does nothing when the page was made of the same sources. */
import { relative } from 'node:path'
import { buildPage } from '../host/bun/build-page.ts'
import { PAGE_FOLDER, PROJECT_ROOT } from '../host/page-files.ts'
import { printError } from './output.ts'

if (await buildPage()) printError(`The dashboards' page is in ${relative(PROJECT_ROOT, PAGE_FOLDER)}.`)
