import { expectedMessageEvents, sendMessage } from './message-story.ts'
import type { MessageSource } from './message-story.ts'
import { campaignName, renamedCampaign } from './names.ts'
import { hourMs, minuteMs } from './scene.ts'
import type { Opening, Scene } from './scene.ts'
import type { SimulatedEvent } from './event.ts'

const renameShare = 0.08

/** A campaign: started, one message to each of its recipients (up to `maxRecipients`), completed. Some are renamed half-way. */
export function startCampaign(scene: Scene, at: number, maxRecipients: number): Opening {
  const { random, tenant } = scene
  const template = random.pick(tenant.templates)
  const source: MessageSource = {
    type: 'campaign',
    id: `cmp-${random.hex()}`,
    name: campaignName(tenant.flavour, random, at),
  }
  const recipientCount = Math.min(
    tenant.contacts.length,
    Math.max(3, Math.round(maxRecipients * random.between(0.2, 1))),
  )
  const firstContact = random.below(tenant.contacts.length)
  const contactCount = tenant.contacts.length
  const gapMs = scene.pace(random.between(20 * minuteMs, 2 * hourMs)) / recipientCount
  const renamedAfter = random.chance(renameShare) ? Math.floor(recipientCount / 2) : -1

  const sendTo = (recipient: number, sentAt: number): SimulatedEvent => {
    if (recipient === renamedAfter) source.name = renamedCampaign(source.name, random)
    if (recipient + 1 < recipientCount) scene.afterPaced(sentAt, gapMs, (nextAt) => sendTo(recipient + 1, nextAt))
    else scene.after(sentAt, random.between(5 * minuteMs, hourMs), complete)
    const contactId = tenant.contacts[(firstContact + recipient) % contactCount] ?? random.pick(tenant.contacts)
    return sendMessage(scene, sentAt, { template, contactId, source })
  }
  const complete = (completedAt: number) =>
    scene.event('campaign.completed', completedAt, {
      campaignId: source.id,
      name: source.name,
      recipients: recipientCount,
    })

  scene.after(at, minuteMs, (firstSentAt) => sendTo(0, firstSentAt))
  return {
    event: scene.event('campaign.started', at, {
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
