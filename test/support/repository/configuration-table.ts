/**
 * The table of variables in docs/configuration.md. `bun test/support/repository/configuration-table.ts` rewrites it.
 */
import { VARIABLES } from '../../../src/config.ts'
import type { EnvironmentVariable } from '../../../src/base/variables/environment-variable.ts'

const PAGE = new URL('../../../docs/configuration.md', import.meta.url)
const HEAD = ['| variable | default | meaning |', '| --- | --- | --- |']

/** The table as Markdown, one row per variable, without a line break at its end. */
function configurationTable(): string {
  const variables: readonly EnvironmentVariable<unknown, unknown>[] = Object.values(VARIABLES)
  const rows = variables.map(
    (variable) => `| ${[`\`${variable.name}\``, defaultTextOf(variable), variable.help].join(' | ')} |`,
  )
  return [...HEAD, ...rows].join('\n').replaceAll('|  |', '| |')
}

function defaultTextOf({ default: value, defaultText }: EnvironmentVariable<unknown, unknown>): string {
  return defaultText ?? (value === undefined ? '' : `\`${value as string | number}\``)
}

/** Replaces the table in the text of the page. */
export function withConfigurationTable(page: string): string {
  return page.replace(/^\| variable \|.*\n(?:\|.*(?:\n|$))+/m, () => `${configurationTable()}\n`)
}

if (import.meta.main) await Bun.write(PAGE, withConfigurationTable(await Bun.file(PAGE).text()))
