/**
 * The records of a CSV file by RFC 4180: throws for any deviation in line ends, quotes or the number of fields. It shares no code with the
 * service.
 */
export function parseCsv(text: string): string[][] {
  const records: string[][] = []
  let fields: string[] = []
  let at = 0
  while (at < text.length) {
    const [whole, quoted, plain] = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))/.exec(text.slice(at))!
    fields.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'))
    at += whole.length
    if (text[at] === ',') at += 1
    else if (text.startsWith('\r\n', at)) {
      records.push(fields)
      fields = []
      at += 2
      continue
    } else throw new Error(`Neither a comma nor a line end at ${at}: ${text.slice(at, at + 20)}`)
    if (at === text.length) throw new Error('The last line does not end.')
  }
  const widths = new Set(records.map((record) => record.length))
  if (widths.size > 1 || fields.length > 0) throw new Error(`Lines of ${[...widths].join(', ')} fields.`)
  return records
}

/** The original text of a guarded cell: without the apostrophe before a text that resembles a formula. */
export function withoutGuards(text: string): string {
  return text.replace(/(^|;)'(?=[\p{Z}\p{C}'"`‘’“”]*[\t\r\n=+\-@＝＋－＠﹦﹢﹣﹫])/gu, '$1')
}
