import { findTimeZone } from '../base/time-zone.ts'

/** What zones were called before: browsers still list some of them so. The service takes both. */
const CURRENT_ZONE_NAMES: Readonly<Record<string, string>> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Catamarca': 'America/Argentina/Catamarca',
  'America/Coral_Harbour': 'America/Atikokan',
  'America/Cordoba': 'America/Argentina/Cordoba',
  'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Jujuy': 'America/Argentina/Jujuy',
  'America/Louisville': 'America/Kentucky/Louisville',
  'America/Mendoza': 'America/Argentina/Mendoza',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
}

export const FORMER_ZONE_NAMES = Object.keys(CURRENT_ZONE_NAMES)

/** What IANA calls a zone today. */
export const currentZoneName = (name: string) => CURRENT_ZONE_NAMES[name] ?? name

/** A zone as people read it. */
export const formatZoneName = (name: string) => name.replaceAll('_', ' ')

/**
 * The zone that somebody means: its name, today's or a former one, in any case and with blanks, or as much of the end of it as names one zone alone, such as its
 * city. Undefined when there is none, or more than one. `names` are those that browsers list; others that they know are taken by their whole name.
 */
export function resolveZoneName(input: string, names: readonly string[]): string | undefined {
  const wanted = input.trim().replaceAll(/\s+/g, '_').toLowerCase()
  if (wanted === '') return undefined
  const all = [...names, ...FORMER_ZONE_NAMES].map((name) => [name.toLowerCase(), currentZoneName(name)] as const)
  const exactMatch = all.find(([name]) => name === wanted)
  if (exactMatch) return exactMatch[1]
  const suffixMatches = new Set(all.filter(([name]) => name.endsWith(`/${wanted}`)).map(([, name]) => name))
  if (suffixMatches.size === 1) return [...suffixMatches][0]
  const other = input.trim().replaceAll(/\s+/g, '_')
  return suffixMatches.size === 0 && findTimeZone(other) ? other : undefined
}
