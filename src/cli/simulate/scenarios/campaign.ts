import { HOUR_MS, MINUTE_MS } from '../../duration.ts'
import { expectedMessageEvents, sendMessage } from './message.ts'
import type { MessageSource } from './message.ts'
import { campaignName, renameCampaign } from '../names.ts'
import type { ScenarioStart, ScenarioContext } from './scenario-context.ts'
import type { SimulatedEvent } from '../simulated-event.ts'

const RENAME_SHARE = 0.08

/** A campaign: started, one message per recipient (at most `maxRecipients`), completed. Some campaigns are renamed half-way. */
export function startCampaign(context: ScenarioContext, at: number, maxRecipients: number): ScenarioStart {
  const { random, tenant } = context
  const template = random.pick(tenant.templates)
  const source: MessageSource = {
    type: 'campaign',
    id: `cmp-${random.hex()}`,
    name: campaignName(tenant.kind, random, at),
  }
  const recipientCount = Math.min(
    tenant.contacts.length,
    Math.max(3, Math.round(maxRecipients * random.between(0.2, 1))),
  )
  const firstContact = random.integerBelow(tenant.contacts.length)
  const contactCount = tenant.contacts.length
  const gapMs = context.scaleDelay(random.between(20 * MINUTE_MS, 2 * HOUR_MS)) / recipientCount
  const renamedAfter = random.chance(RENAME_SHARE) ? Math.floor(recipientCount / 2) : -1

  const sendTo = (recipient: number, sentAt: number): SimulatedEvent => {
    if (recipient === renamedAfter) source.name = renameCampaign(source.name, random)
    if (recipient + 1 < recipientCount) context.scheduleScaled(sentAt, gapMs, (nextAt) => sendTo(recipient + 1, nextAt))
    else context.schedule(sentAt, random.between(5 * MINUTE_MS, HOUR_MS), complete)
    const contactId = tenant.contacts[(firstContact + recipient) % contactCount] ?? random.pick(tenant.contacts)
    return sendMessage(context, sentAt, { template, contactId, source })
  }
  const complete = (completedAt: number) =>
    context.createEvent('campaign.completed', completedAt, {
      campaignId: source.id,
      name: source.name,
      recipients: recipientCount,
    })

  context.schedule(at, MINUTE_MS, (firstSentAt) => sendTo(0, firstSentAt))
  return {
    firstEvent: context.createEvent('campaign.started', at, {
      campaignId: source.id,
      name: source.name,
      channel: template.channel,
      templateId: template.id,
      templateName: template.name,
      recipients: recipientCount,
    }),
    expectedEvents: 2 + recipientCount * expectedMessageEvents(template),
  }
}
