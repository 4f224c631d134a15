import type { JsonObject } from '../events/event-envelope.ts'
import { INPUT_NAMES } from '../events/input-names.ts'
import { DATA_PREFIX, ownValue, scalarText } from './metadata-fields.ts'

const [DOMAIN, ...ADDRESSES] = INPUT_NAMES.recipient

/** The recipient's domain in lower case, from the parsed `metadata` of a row: of `data`, else of the producer's `metadata`. Undefined when neither names it. An address without a domain names none. */
export function recipientDomainOf(metadata: JsonObject): string | undefined {
  return domainNamedBy(metadata, DATA_PREFIX) ?? domainNamedBy(metadata, '')
}

function domainNamedBy(metadata: JsonObject, prefix: string): string | undefined {
  const textOf = (name: string) => scalarText(ownValue(metadata, prefix + name))
  const domain = textOf(DOMAIN)
  if (domain !== undefined) return domain.toLowerCase()
  for (const name of ADDRESSES) {
    const [, domainOfAddress = ''] = /@([^@]*)$/.exec(textOf(name) ?? '') ?? []
    if (domainOfAddress !== '') return domainOfAddress.toLowerCase()
  }
  return undefined
}
