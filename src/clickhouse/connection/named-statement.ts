/**
 * Names of statements. A name identifies a query in `system.query_log`, in the messages of failures and in tests.
 */

/** Settings for rows that contain 64-bit integers below 2^53: JSON numbers instead of texts. */
export const UNQUOTED_INTEGERS = 'output_format_json_quote_64bit_integers = 0'

/** The statement with its name as log comment, and with further settings. */
export function named(name: string, sql: string, settings = ''): string {
  return `${sql}\nSETTINGS log_comment = '${name}'${settings === '' ? '' : `, ${settings}`}`
}

/** The name of a statement; undefined for one without a name, such as a migration. */
export function nameOf(sql: string): string | undefined {
  return /\blog_comment = '(\w+)'/.exec(sql)?.[1]
}
