/**
 * `npm run wall`: prints the SQL that builds the second wall on a ClickHouse server, for someone who may make users there. Exit codes: 0, 2 for a wrong configuration.
 */
import { wallStatements } from '../clickhouse/wall.ts'
import type { Config } from '../config.ts'
import { runCommand, UsageProblems } from '../host/command.ts'
import { printError, printOut, writeExactly } from './output.ts'

const USAGE = `Usage: npm run wall --silent | clickhouse-client --user <who may make users>

Prints the SQL that makes the user of CLICKHOUSE_READER_USER and CLICKHOUSE_READER_PASSWORD: it may only read, and only the
rows of the tenant that each query names. Nothing is connected to. Run the service with the same variables afterwards.`

async function printWall({
  clickhouseDatabase: database,
  clickhouseCluster: cluster,
  clickhouseReader: reader,
}: Config): Promise<number> {
  if (process.argv.slice(2).includes('--help')) printOut(USAGE)
  else if (process.argv.length > 2) throw new UsageProblems(USAGE)
  else if (!reader)
    throw new UsageProblems(`CLICKHOUSE_READER_USER and CLICKHOUSE_READER_PASSWORD are needed.\n\n${USAGE}`)
  else for (const statement of await wallStatements({ database, cluster, ...reader })) writeExactly(`${statement};\n`)
  return 0
}

process.exitCode = await runCommand(process.env, printError, printWall)
