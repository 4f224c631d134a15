import { inflateRawSync } from 'node:zlib'

export interface ReadSheet {
  readonly name: string
  /** Numbers as numbers, texts as texts; throws for any other kind of cell. */
  readonly rows: (string | number)[][]
  /** How many cells of the first row are bold. */
  readonly boldHeaders: number
  /** The number formats of the cells of the last row. */
  readonly formats: (string | undefined)[]
}

/** The files of a ZIP archive, by its directory. */
export function unzip(archive: Uint8Array): Map<string, string> {
  const bytes = Buffer.from(archive)
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  const files = new Map<string, string>()
  let at = bytes.readUInt32LE(end + 16)
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)]
    const [nameLength, extraLength] = [bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30)]
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength)
    const local = bytes.readUInt32LE(at + 42)
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    const data = bytes.subarray(start, start + size)
    files.set(name, (method === 8 ? inflateRawSync(data) : data).toString('utf8'))
    at += 46 + nameLength + extraLength + bytes.readUInt16LE(at + 32)
  }
  return files
}

/** The sheets of a workbook, read without the library that wrote it. Throws for a cell with a formula or an error. */
export function readWorkbook(archive: Uint8Array): ReadSheet[] {
  const files = unzip(archive)
  const file = (name: string) => files.get(name) ?? ''
  const texts = [...file('xl/sharedStrings.xml').matchAll(/<si>(.*?)<\/si>/gs)].map(([, item]) => textOf(item!))
  const bold = boldStyles(file('xl/styles.xml'))
  const formats = numberFormats(file('xl/styles.xml'))
  const names = [...file('xl/workbook.xml').matchAll(/<sheet\b[^>]*\bname="([^"]*)"/g)].map(([, name]) => name!)
  return names.map((name, index) => {
    const xml = file(`xl/worksheets/sheet${index + 1}.xml`)
    if (/<f[\s>]/.test(xml)) throw new Error(`The sheet ${name} holds a formula.`)
    const lines = [...xml.matchAll(/<row\b[^>]*>(.*?)<\/row>/gs)].map(([, line]) => [
      ...line!.matchAll(/<c\b([^>]*)>(.*?)<\/c>/gs),
    ])
    return {
      name,
      rows: lines.map((cells) => cells.map(([, attributes, content]) => valueOf(attributes!, content!, texts))),
      formats: (lines.at(-1) ?? []).map(([, attributes]) => formats.get(attributeOf(attributes!, 's') ?? '0')),
      boldHeaders: (lines[0] ?? []).filter(([, attributes]) => bold.has(attributeOf(attributes!, 's') ?? '0')).length,
    }
  })
}

function valueOf(attributes: string, content: string, texts: readonly string[]): string | number {
  const value = /<v>([^<]*)<\/v>/.exec(content)?.[1]
  const type = attributeOf(attributes, 't')
  if (type === 's') return texts[Number(value)]!
  if (type !== undefined || value === undefined) throw new Error(`A cell of another kind: ${attributes} ${content}`)
  return Number(value)
}

function attributeOf(attributes: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1]
}

/** The indexes of the cell styles with a bold font. */
function boldStyles(xml: string): Set<string> {
  const fonts = [...xml.matchAll(/<font>.*?<\/font>|<font\/>/gs)].map(([font]) =>
    /<b(\/| val="(1|true)"\/)>/.test(font),
  )
  const styles = [.../<cellXfs.*<\/cellXfs>/s.exec(xml)![0].matchAll(/<xf\b([^>]*)>/g)]
  const indices = styles.map(([, attributes], index) => [index, attributeOf(attributes!, 'fontId') ?? '0'] as const)
  return new Set(indices.filter(([, font]) => fonts[Number(font)]).map(([index]) => String(index)))
}

/** The format codes of the cell styles that have one of their own. */
function numberFormats(xml: string): Map<string, string> {
  const codes = [...xml.matchAll(/<numFmt numFmtId="(\d+)" formatCode="([^"]*)"/g)]
  const codeById = new Map(codes.map(([, id, code]) => [id!, code!.replaceAll('&quot;', '"')]))
  const styles = [.../<cellXfs.*<\/cellXfs>/s.exec(xml)![0].matchAll(/<xf\b([^>]*)>/g)]
  const found = styles.map(
    ([, attributes], index) => [String(index), codeById.get(attributeOf(attributes!, 'numFmtId')!)] as const,
  )
  return new Map(found.filter((style): style is [string, string] => style[1] !== undefined))
}

/** Decodes the entities of XML first, then the escapes of the format for characters (ECMA-376, 22.9.2.19). */
function textOf(item: string): string {
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  const text = [...item.matchAll(/<t\b[^>]*>(.*?)<\/t>/gs)].map(([, part]) => part!).join('')
  // An XML parser normalises line breaks.
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/&(?:#(\d+)|(\w+));/g, (_, code: string | undefined, name: string) =>
      code === undefined ? entities[name]! : String.fromCharCode(Number(code)),
    )
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
