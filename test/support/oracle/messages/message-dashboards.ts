import {
  type Question,
  compareIds,
  count,
  fourCounts,
  groups,
  isMessage,
  sevenCounts,
  rate,
  series,
  top,
  within,
} from '../counting.ts'
import type { Row } from '../history.ts'
import { engagementOfMessages, engagementSeries, messagesOf } from '../analysis/question-engagement.ts'
import { bucketStarts, dateOf, instantText, localDay, localHour, weekdayOf } from '../zone.ts'

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

function overview(question: Question) {
  const { range, zone } = question
  const rows = within(question.history.rows, range).filter(isMessage)
  const { sent, delivered, opened, clicked } = fourCounts(rows)
  const byDay = groups(rows, (row) => localDay(row.atMs, zone))
  return {
    timeRange: { start: instantText(range.startMs), end: instantText(range.endMs) },
    summary: {
      totalMessagesSent: sent,
      totalDelivered: delivered,
      totalOpened: opened,
      totalClicked: clicked,
      deliveryRate: rate(delivered, sent),
      openRate: rate(opened, delivered),
      clickRate: rate(clicked, delivered),
    },
    engagement: engagementOfMessages(messagesOf(question), question),
    byChannel: Object.fromEntries(
      [...groups(rows, channelOf)].map(([channel, ofChannel]) => [channel, fourCounts(ofChannel)]),
    ),
    trend: bucketStarts(range, 'day', zone).map((startMs) => {
      const day = localDay(startMs, zone)
      return { date: dateOf(day), ...fourCounts(byDay.get(day) ?? []) }
    }),
  }
}

function messages(question: Question) {
  const { channel } = question.filters
  const rows = within(question.history.rows, question.range).filter(isMessage).filter(onChannel(channel))
  const sentMessages = messagesOf(question, onChannel(channel))
  const ofBuckets = engagementSeries(sentMessages, question, question.granularity)
  const byChannel = [...groups(rows, channelOf)].map(([name, ofChannel]) => {
    const { sent, delivered, opened, clicked, bounced } = sevenCounts(ofChannel)
    return {
      channel: name,
      sent,
      delivered,
      opened,
      clicked,
      bounced,
      deliveryRate: rate(delivered, sent),
      openRate: rate(opened, delivered),
      clickRate: rate(clicked, delivered),
      bounceRate: rate(bounced, sent),
      engagement: engagementOfMessages(
        messagesOf(question, (sending) => channelOf(sending) === name),
        question,
      ),
    }
  })
  return {
    summary: sevenCounts(rows),
    engagement: engagementOfMessages(sentMessages, question),
    timeSeries: series(rows, question, question.granularity, sevenCounts).map((item, index) => ({
      ...item,
      ...ofBuckets[index],
    })),
    byChannel: top(byChannel, 'sent', 'channel', '100'),
  }
}

function campaigns(question: Question) {
  const { campaignId, channel, limit, sort } = question.filters
  const passes = (row: Row) =>
    row.campaign !== undefined && (campaignId === undefined || row.campaign === campaignId) && onChannel(channel)(row)
  const rows = within(question.history.rows, question.range).filter(passes)
  const sentMessages = messagesOf(question, passes)
  const ofBuckets = engagementSeries(sentMessages, question, 'day')
  const byCampaign = groups(rows, (row) => row.campaign)
  const total = fourCounts(rows)
  const topCampaigns = [...byCampaign].map(([id, ofCampaign]) => {
    const { sent, delivered, opened, clicked } = fourCounts(ofCampaign)
    return {
      campaignId: id,
      name: question.history.nameOf('campaign', id),
      sent,
      delivered,
      opened,
      clicked,
      recipients: recipients(ofCampaign),
      openRate: rate(opened, delivered),
      clickRate: rate(clicked, delivered),
      engagement: engagementOfMessages(
        sentMessages.filter(({ sending }) => sending.campaign === id),
        question,
      ),
    }
  })
  const ordered = topCampaigns.map((item) => ({ item, figure: sort ? item.engagement[sort] : item.sent }))
  return {
    summary: {
      totalCampaigns: byCampaign.size,
      completedCampaigns: [...byCampaign.values()].filter((own) => count(own, 'campaign_completed') > 0).length,
      totalRecipients: recipients(rows),
      avgOpenRate: rate(total.opened, total.delivered),
      avgClickRate: rate(total.clicked, total.delivered),
    },
    engagement: engagementOfMessages(sentMessages, question),
    topCampaigns: top(
      ordered.map(({ item, figure }) => ({ item, figure, id: item.campaignId })),
      'figure',
      'id',
      limit,
    ).map(({ item }) => item),
    timeSeries: series(rows, question, 'day', fourCounts).map((item, index) => ({ ...item, ...ofBuckets[index] })),
  }
}

function templates(question: Question) {
  const { templateId, channel, limit, minUsage, sort } = question.filters
  const passes = (row: Row) =>
    isMessage(row) && (templateId === undefined || row.template === templateId) && onChannel(channel)(row)
  const rows = within(question.history.rows, question.range).filter(passes)
  const used = [...groups(rows, (row) => row.template)]
    .map(([id, ofTemplate]) => {
      const { sent, delivered, opened, clicked } = fourCounts(ofTemplate)
      return {
        templateId: id,
        name: question.history.nameOf('template', id),
        usageCount: sent,
        delivered,
        opened,
        clicked,
        openRate: rate(opened, delivered),
        clickRate: rate(clicked, delivered),
        engagement: engagementOfMessages(
          messagesOf(question, (sending) => passes(sending) && sending.template === id),
          question,
        ),
      }
    })
    .filter((template) => template.usageCount >= Number(minUsage ?? 1))
  const ordered = (direction: 1 | -1) =>
    [...used]
      .sort(
        (a, b) =>
          direction *
            (sort
              ? a.engagement[sort] - b.engagement[sort]
              : a.openRate - b.openRate || a.clickRate - b.clickRate || a.usageCount - b.usageCount) ||
          compareIds(a.templateId, b.templateId),
      )
      .slice(0, Number(limit ?? 10))
  return { topTemplates: ordered(-1), worstPerforming: ordered(1) }
}

function traffic(question: Question) {
  const { zone } = question
  const sent = within(question.history.rows, question.range).filter((row) => row.type === 'message_sent')
  const byHour = groups(sent, (row) => localHour(row.atMs, zone))
  const byWeekday = groups(sent, (row) => weekdayOf(localDay(row.atMs, zone)))
  return {
    peakHours: Array.from({ length: 24 }, (_, hour) => ({ hour, messageCount: byHour.get(hour)?.length ?? 0 })),
    byDayOfWeek: WEEKDAYS.map((day, index) => ({ day, messageCount: byWeekday.get(index)?.length ?? 0 })),
    timeSeries: series(sent, question, question.granularity, (inBucket) => ({ messageCount: inBucket.length })),
  }
}

function channelOf(row: Row): string {
  return row.channel ?? 'none'
}

function onChannel(channel: string | undefined): (row: Row) => boolean {
  return (row) => channel === undefined || row.channel === channel
}

/** Distinct pairs of campaign and contact among the messages sent. */
function recipients(rows: readonly Row[]): number {
  const sent = rows.filter((row) => row.type === 'message_sent' && row.contact !== undefined)
  return new Set(sent.map((row) => JSON.stringify([row.campaign, row.contact]))).size
}

/** Each dashboard of messages with the default range and granularity. */
export const MESSAGE_DASHBOARDS = {
  overview: { calculate: overview, timeRange: '7d', granularity: 'day' },
  messages: { calculate: messages, timeRange: '7d', granularity: 'day' },
  campaigns: { calculate: campaigns, timeRange: '30d', granularity: 'day' },
  templates: { calculate: templates, timeRange: '30d', granularity: 'day' },
  traffic: { calculate: traffic, timeRange: '7d', granularity: 'hour' },
} as const
