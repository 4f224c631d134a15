import type { Page } from 'playwright-core'
import type { ReportData } from '../../src/http/reports/report-data.ts'
import { TestMailServer } from '../support/mail/mail-server.ts'
import { type DashboardFixture, openDashboardFixture, type WatchedPage } from './dashboard-fixture.ts'

const WRITER = { tenantId: 'tenant-1', scope: 'analytics:read analytics:export analytics:contacts analytics:write' }
export const ADDRESS = '/dashboard?range=30d&zone=Europe/Berlin'

/** A service that sends its mails to a server of the test, and a user who may change reports. */
export interface ReportPage {
  readonly fixture: DashboardFixture
  readonly mail: TestMailServer
  readonly watched: WatchedPage
  readonly page: Page
  /** Requests a path below the API as this user: that of a report, or one with other data. */
  request<Data = ReportData>(path: string, init?: RequestInit): Promise<{ readonly data: Data; readonly etag: string }>
  /** The id of the report on the page. */
  reportId(): string
  /** Opens a page of the report. */
  openPage(name: 'Report' | 'Edit' | 'Schedules'): Promise<void>
  close(): Promise<void>
}

/** Opens the explorer. */
export async function openReportPage(): Promise<ReportPage> {
  const mail = await TestMailServer.start()
  const fixture = await openDashboardFixture({
    SMTP_URL: mail.url,
    MAIL_FROM: 'reports@stats.example',
    PUBLIC_URL: 'http://stats.example',
  })
  const watched = await fixture.openAs(WRITER, `${ADDRESS}&view=explorer`)
  const { page } = watched
  return {
    fixture,
    mail,
    watched,
    page,
    async request<Data>(path: string, init: RequestInit = {}) {
      const headers = { authorization: `Bearer ${fixture.tokenFor(WRITER)}`, 'content-type': 'application/json' }
      const response = await fetch(`${fixture.baseUrl}/api/v1/analytics/${path}`, {
        ...init,
        headers: { ...headers, ...(init.headers as Record<string, string> | undefined) },
      })
      if (!response.ok) throw new Error(await response.text())
      return { data: ((await response.json()) as { data: Data }).data, etag: response.headers.get('etag')! }
    },
    reportId: () => new URL(page.url()).searchParams.get('id')!,
    openPage: (name) =>
      page.getByRole('navigation', { name: 'Pages of the report' }).getByRole('link', { name, exact: true }).click(),
    async close() {
      await fixture.close()
      await mail.stop()
    },
  }
}
