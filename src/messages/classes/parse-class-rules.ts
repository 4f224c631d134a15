/** Reads the configuration of the rules, a JSON text: `{ "default": { "tooFastSeconds": 3 }, "tenants": { "tenant-1": { "scannerNetworks": ["192.0.2.0/24"] } } }`. */
import { VariableProblem, type VariableType } from '../../base/variables/environment-variable.ts'
import { type IpNetwork, parseIpNetwork } from '../../base/addresses/ip-address.ts'
import { isTenantId } from '../../base/tenant-id.ts'
import {
  type ClassRules,
  type ClassRulesByTenant,
  DEFAULT_RULES,
  rulesIdentity,
  THRESHOLD_NAMES,
  type ThresholdName,
  THRESHOLDS,
} from './class-rules.ts'

const MAX_NETWORKS = 1_000
const NETWORKS = 'scannerNetworks'

export const DEFAULT_RULES_BY_TENANT: ClassRulesByTenant = rulesByTenant('{}', DEFAULT_RULES, new Map())

/** The rules of each tenant: those of `tenants`, completed by those of `default`, completed by the built-in ones. */
export const classRules: VariableType<ClassRulesByTenant> = {
  parse(text) {
    try {
      return parseRules(text)
    } catch (error) {
      if (error instanceof InvalidRules) return new VariableProblem(error.message)
      throw error
    }
  },
}

/** The rules of a text that was configured before; undefined when it is no longer valid. */
export function rulesOfText(text: string): ClassRulesByTenant | undefined {
  const rules = classRules.parse(text)
  return rules instanceof VariableProblem ? undefined : rules
}

/** The problem as the rest of a sentence that begins with the name of the variable. */
class InvalidRules extends Error {}

type JsonObject = Readonly<Record<string, unknown>>

function parseRules(text: string): ClassRulesByTenant {
  const given = objectOf(parseJson(text), '')
  refuseOthers(given, ['default', 'tenants'], '')
  const defaults = readRules(given['default'] ?? {}, 'default', DEFAULT_RULES)
  const tenants = Object.entries(objectOf(given['tenants'] ?? {}, 'tenants')).map(([tenantId, rules]) => {
    if (!isTenantId(tenantId)) throw new InvalidRules('has an invalid tenant id in tenants.')
    return [tenantId, readRules(rules, `tenants.${tenantId}`, defaults)] as const
  })
  return rulesByTenant(text, defaults, new Map(tenants))
}

function rulesByTenant(
  text: string,
  defaults: ClassRules,
  tenants: ReadonlyMap<string, ClassRules>,
): ClassRulesByTenant {
  const usual = rulesIdentity(defaults)
  const others = [...tenants].map(([tenantId, rules]) => [tenantId, rulesIdentity(rules)] as const)
  const deviating = others.filter(([, identity]) => identity !== usual).map((each) => each.join(' '))
  return {
    of: (tenantId) => tenants.get(tenantId) ?? defaults,
    text,
    identity: [usual, ...deviating.toSorted()].join('\n'),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new InvalidRules('must be a JSON object such as {"default":{"tooFastSeconds":5}}.')
  }
}

function readRules(value: unknown, path: string, defaults: ClassRules): ClassRules {
  const given = objectOf(value, path)
  refuseOthers(given, [...THRESHOLD_NAMES, NETWORKS], `${path}.`)
  const thresholds = THRESHOLD_NAMES.filter((name) => Object.hasOwn(given, name)).map(
    (name) => [name, thresholdOf(name, given[name], path)] as const,
  )
  const networks = Object.hasOwn(given, NETWORKS) ? { [NETWORKS]: networksOf(given[NETWORKS], path) } : {}
  return { ...defaults, ...Object.fromEntries(thresholds), ...networks }
}

function thresholdOf(name: ThresholdName, value: unknown, path: string): number {
  const { min, max } = THRESHOLDS[name]
  const isWhole = name === 'burstLinks'
  if (typeof value === 'number' && value >= min && value <= max && (!isWhole || Number.isInteger(value))) return value
  throw new InvalidRules(`must hold a ${isWhole ? 'whole ' : ''}number from ${min} to ${max} in ${path}.${name}.`)
}

function networksOf(value: unknown, path: string): readonly IpNetwork[] {
  const networks = Array.isArray(value)
    ? value.map((item) => (typeof item === 'string' ? parseIpNetwork(item) : undefined))
    : []
  const valid = networks.filter((network) => network !== undefined)
  if (Array.isArray(value) && valid.length === value.length && valid.length <= MAX_NETWORKS) return valid
  throw new InvalidRules(
    `must hold a list of at most ${MAX_NETWORKS} networks such as 192.0.2.0/24, 2001:db8::/32 in ${path}.${NETWORKS}.`,
  )
}

function objectOf(value: unknown, path: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw new InvalidRules(path === '' ? 'must be a JSON object.' : `must hold an object in ${path}.`)
}

function refuseOthers(given: JsonObject, names: readonly string[], path: string): void {
  if (Object.keys(given).every((name) => names.includes(name))) return
  throw new InvalidRules(`must hold no other fields than ${names.map((name) => path + name).join(', ')}.`)
}
