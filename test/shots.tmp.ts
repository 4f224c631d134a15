import { TestMailServer } from './support/mail/mail-server.ts'
import { openDashboardFixture } from './browser/dashboard-fixture.ts'
import { viewShown, overflowOf } from './browser/page-reading.ts'
import { mkdirSync } from 'node:fs'
const D = '/tmp/h/shots-reports'
mkdirSync(D, { recursive: true })
const mail = await TestMailServer.start()
mail.behave('broken@stats.example', { at: 'recipient', code: 550, text: 'no such user' })
const f = await openDashboardFixture({ SMTP_URL: mail.url, MAIL_FROM: 'reports@stats.example', PUBLIC_URL: 'http://stats.example' })
const W = { tenantId: 'tenant-1', scope: 'analytics:read analytics:export analytics:contacts analytics:write' }
const api = async (path: string, body: object) => {
  const r = await fetch(`${f.baseUrl}/api/v1/analytics/${path}`, { method: 'POST', headers: { authorization: `Bearer ${f.tokenFor(W)}`, 'content-type': 'application/json' }, body: JSON.stringify(body) })
  if (!r.ok) throw new Error(await r.text())
  return (await r.json()).data
}
const t = { timeRange: '30d' }
const dash = (title: string, dashboard: string, chart: string, more = {}) => ({ title, kind: 'dashboard', chart, body: { dashboard, ...t, ...more } })
const report = await api('reports', { name: 'Weekly numbers', description: 'What went out, and what became of it.\nEvery Monday in the team meeting.', timezone: 'Europe/Berlin', blocks: [
  dash('All messages', 'overview', 'number', { compare: 'previous' }),
  { title: 'Messages by day', kind: 'query', chart: 'line', body: { metrics: ['messages', 'humanOpens', 'humanClicks'], granularity: 'day', ...t, totals: true, limit: 1000 } },
  { title: 'By channel', kind: 'query', chart: 'bar', body: { metrics: ['messages'], dimensions: ['channel'], ...t } },
  { title: 'Sent to clicked', kind: 'funnel', chart: 'funnel', body: { entity: 'message', steps: ['sent', 'delivered', 'opened', 'clicked'].map((w) => ({ event: `message_${w}` })), order: 'ordered', window: '7d', exclusions: [], trend: 'day', ...t } },
  { title: 'Opened after sending', kind: 'cohort', chart: 'heatmap', body: { kind: 'engagement', event: 'opened', human: true, cohort: 'week', period: 'day', periods: 12, ...t } },
  dash('Campaigns', 'campaigns', 'table'),
  dash('Through the week', 'traffic', 'heatmap', { granularity: 'hour' }),
  dash('Sequences', 'sequences', 'funnel'),
  dash('Workflows', 'workflows', 'line'),
  dash('Templates', 'templates', 'bar'),
  dash('Runs', 'workflows', 'table'),
  { title: 'Funnel in a table', kind: 'funnel', chart: 'table', body: { entity: 'message', steps: ['sent', 'opened'].map((w) => ({ event: `message_${w}` })), order: 'ordered', window: '7d', exclusions: [], ...t } },
] })
const soon = new Date(Math.floor(Date.now() / 60000 + 1) * 60000)
const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'Europe/Berlin' }).format(soon)
const s1 = await api('schedules', { reportId: report.id, recipients: ['team@stats.example', 'broken@stats.example'], every: { kind: 'weekly', weekdays: ['monday', 'thursday', 'sunday'], time }, timezone: 'Europe/Berlin', attachments: ['xlsx'], skipIfEmpty: false, enabled: true })
await api('schedules', { reportId: report.id, recipients: ['team@stats.example'], every: { kind: 'monthly', day: 'last', time: '08:00' }, timezone: 'Europe/Berlin', attachments: [], skipIfEmpty: false, enabled: false })
const base = '/dashboard?range=30d&zone=Europe/Berlin&view=reports'
const place = (p: object) => `&id=${report.id}&definition=${encodeURIComponent(JSON.stringify(p))}`
const start = Date.now()
const PAGES: [string, string][] = [['list', ''], ['report', `&id=${report.id}`], ['edit', place({ page: 'edit' })], ['new', '&id=new&definition=' + encodeURIComponent(JSON.stringify({page:'edit'}))], ['wall', place({ page: 'wall' })], ['schedules', place({ page: 'schedules', schedule: s1.id })]]
const VARIANTS: [string, any][] = [
  ['light', { colorScheme: 'light', viewport: { width: 1440, height: 1000 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1440, height: 1000 } }],
  ['phone-de', { colorScheme: 'light', locale: 'de-DE', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
]
await new Promise((r) => setTimeout(r, Math.max(0, soon.getTime() + 6000 - Date.now())))
for (const [variant, options] of VARIANTS)
  for (const [name, query] of PAGES) {
    const { page, complaints } = await f.openAs(W, base + query, options)
    try {
      await viewShown(page, 'reports')
      await page.waitForTimeout(name === 'edit' ? 2500 : 700)
      console.log(variant, name, 'overflow', await overflowOf(page), complaints.slice(0, 3))
      await page.screenshot({ path: `${D}/${name}-${variant}.png`, fullPage: true })
    } catch (e) { console.log(variant, name, String(e).slice(0, 200)); await page.screenshot({ path: `${D}/${name}-${variant}.png` }) }
    await page.close()
  }
const { page: ex } = await f.openAs(W, '/dashboard?range=30d&zone=Europe/Berlin&view=explorer', VARIANTS[0]![1])
await viewShown(ex, 'explorer')
await ex.getByRole('button', { name: 'Add to a report' }).click()
await ex.waitForTimeout(600)
await ex.screenshot({ path: `${D}/add-light.png` })
await f.close(); await mail.stop(); process.exit(0)
