/** RFC 5321, 4.5.3.1: a path of 256 characters with its brackets. */
export const MAX_ADDRESS_LENGTH = 254
const MAX_LOCAL_PART_LENGTH = 64
/** RFC 5322, 3.2.3 `dot-atom` before the `@`, RFC 1034 labels behind it. Quoted local parts, address literals and characters beyond ASCII are not accepted. */
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
const ADDRESS = new RegExp(`^(${ATOM}(?:\\.${ATOM})*)@${LABEL}(?:\\.${LABEL})*$`)

/** Whether the text is one mail address without a name. */
export function isMailAddress(text: string): boolean {
  const localPart = text.length > MAX_ADDRESS_LENGTH ? undefined : ADDRESS.exec(text)?.[1]
  return localPart !== undefined && localPart.length <= MAX_LOCAL_PART_LENGTH
}

/** An address with the name that mail programs show for it; the name may be empty. */
export interface NamedMailAddress {
  readonly name: string
  readonly address: string
}

/** Parses `reports@example.com`, `Reports <reports@example.com>` and `"Reports, Example" <reports@example.com>`. Undefined for other texts. */
export function parseNamedMailAddress(text: string): NamedMailAddress | undefined {
  if (/\p{Cc}/u.test(text)) return undefined
  const [, quoted, plain = '', address = text] = /^(?:"([^"\\]*)"|([^"<>]*))\s*<([^<>]*)>$/.exec(text.trim()) ?? []
  return isMailAddress(address) ? { name: (quoted ?? plain).trim(), address } : undefined
}
