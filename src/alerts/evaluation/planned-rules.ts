/** The enabled rules of this process with when each is to be judged next. */
import { isEngagementMetric } from '../../analytics/custom-query/metric-sources.ts'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { Definition } from '../../definitions/ports.ts'
import type { AlertDefinition } from '../alert-definition.ts'
import { bucketAfter } from '../judging/timeline.ts'
import { isOfChannels } from '../reading/channel-series.ts'
import type { StoredRecord } from '../ports.ts'
import { type AlertRule, resolveRule } from '../rules/resolve-rule.ts'

export interface PlannedRule {
  readonly definition: Definition<AlertDefinition>
  readonly rule: AlertRule
  /** Rules with the same text are read together. */
  readonly readKey: string
  /** Epoch milliseconds; -Infinity until the rule was looked at once. */
  dueAt: number
  /** Undefined until it was read; `null` for a rule without a record. */
  stored: StoredRecord | null | undefined
  /** Why the rule cannot be judged now; undefined where it can. */
  problem?: string | undefined
}

export class PlannedRules {
  readonly #logger: Logger
  readonly #byId = new Map<string, PlannedRule>()
  /** Rules that cannot be resolved, by id with the revision: each is logged once. */
  readonly #broken = new Map<string, number>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  get size(): number {
    return this.#byId.size
  }

  get(id: string): PlannedRule | undefined {
    return this.#byId.get(id)
  }

  /** Takes over the current definitions. A rule that has changed is due at once. Returns those that were dropped: removed, disabled, or not valid any more. */
  update(definitions: readonly Definition<AlertDefinition>[]): readonly PlannedRule[] {
    const ids = new Set<string>()
    for (const definition of definitions) {
      const { id, revision, body } = definition
      if (body.rule.enabled === false) continue
      const planned = this.#byId.get(id)
      if (planned?.definition.revision === revision) {
        ids.add(id)
        continue
      }
      const rule = this.#resolve(definition)
      if (!rule) continue
      ids.add(id)
      this.#byId.set(id, {
        definition,
        rule,
        readKey: readKeyOf(definition.tenantId, rule),
        dueAt: -Infinity,
        stored: planned?.stored,
      })
    }
    const dropped = [...this.#byId].filter(([id]) => !ids.has(id))
    for (const [id] of dropped) this.#byId.delete(id)
    return dropped.map(([, planned]) => planned)
  }

  /** The rules that are due, by what is read together. */
  due(now: number, isLocal: (tenantId: string) => boolean): PlannedRule[][] {
    const groups = new Map<string, PlannedRule[]>()
    for (const planned of this.#byId.values()) {
      if (planned.dueAt > now || !isLocal(planned.definition.tenantId)) continue
      const group = groups.get(planned.readKey)
      if (group) group.push(planned)
      else groups.set(planned.readKey, [planned])
    }
    return [...groups.values()]
  }

  #resolve(definition: Definition<AlertDefinition>): AlertRule | undefined {
    const { id, tenantId, revision, body } = definition
    try {
      return resolveRule(body.rule, { allowsPrivateWebhooks: true })
    } catch (error) {
      if (this.#broken.get(id) !== revision)
        this.#logger.warn('an alert rule is not valid any more', { tenantId, ruleId: id, error: messageOf(error) })
      this.#broken.set(id, revision)
      return undefined
    }
  }
}

/** Rules on events and rules on messages are read apart: no statement reads both, and most of those on messages look back a day, not weeks. */
function readKeyOf(tenantId: string, rule: AlertRule): string {
  const { granularity, zone, filter, splitBy, metric } = rule
  const source = isEngagementMetric(metric) ? 'messages' : 'events'
  const what = isOfChannels(rule) ? ['channels'] : [filter ?? null, splitBy ?? null]
  return JSON.stringify([tenantId, granularity, zone.name, source, ...what])
}

/** When the bucket after `bucket` has settled. */
export function dueAfter(rule: AlertRule, bucket: number): number {
  return bucketAfter(rule, bucketAfter(rule, bucket)) + rule.settleMs
}
