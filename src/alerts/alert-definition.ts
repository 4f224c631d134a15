import type { AlertRuleBody } from './rules/rule-schema.ts'

/** An alert rule as it is stored. */
export interface AlertDefinition {
  /** As the client wrote it, with the secrets of its webhooks. */
  readonly rule: AlertRuleBody
  /** When the rule began to be judged as it is now, epoch milliseconds: when it was created or enabled, or when what it judges was changed. Its states begin anew then. */
  readonly judgedSince: number
  /** Nobody is told before this instant, epoch milliseconds. */
  readonly snoozedUntil?: number
}

/** The fields of a rule that decide its verdicts and states. */
const JUDGED_FIELDS = [
  'metric',
  'filter',
  'splitBy',
  'granularity',
  'detector',
  'timezone',
  'for',
  'recoverAfter',
  'noData',
] as const satisfies (keyof AlertRuleBody)[]

/** The definition with another rule. The states go on where the rule judges the same. */
export function withRule(definition: AlertDefinition, rule: AlertRuleBody, now: number): AlertDefinition {
  const before = definition.rule
  const isSame = JUDGED_FIELDS.every((name) => sortedJson(before[name]) === sortedJson(rule[name]))
  const isEnabledAnew = rule.enabled !== false && before.enabled === false
  return { ...definition, rule, judgedSince: isSame && !isEnabledAnew ? definition.judgedSince : now }
}

/** The JSON text of a value with the fields of each object in one order: clients send them in any. */
function sortedJson(value: unknown): string | undefined {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
}
