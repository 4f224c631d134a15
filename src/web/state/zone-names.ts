import { findTimeZone } from '../../base/time-zone.ts'

/** Former names of zones, which some browsers still list. The service accepts both names. */
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

/** Returns the current IANA name of a zone. */
export const currentZoneName = (name: string) => CURRENT_ZONE_NAMES[name] ?? name

/** Returns the display name of a zone. */
export const formatZoneName = (name: string) => name.replaceAll('_', ' ')

/**
 * Finds the zone for a typed text: a current or former name in any case, with spaces allowed, or the end of exactly one zone name, such as its city. Returns
 * undefined when no zone or several zones match. `names` are the zones that the browser lists; any other zone that the browser supports matches by its full name only.
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
