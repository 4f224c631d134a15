import { createHash, timingSafeEqual } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from '../../base/logger.ts'

const CODE_BYTES = 32

/** The link that signs a developer into the dashboards, once, and then the next one. */
export interface DashboardLink {
  /** Where the current link is kept, readable by its owner only. */
  readonly file: string
  /** Makes the first link, below that address, and returns it. No code is good before. */
  issue(baseUrl: string): string
  /** Whether that is the code of the current link. If so it is used up, and the file has the next link. */
  redeem(code: string): boolean
}

/**
 * Keeps the sign-in link of a data directory. Who may read the start's output or that file is a developer on this machine; an address or a `Host` header says
 * nothing about that behind a proxy, and not whose process it is.
 */
export function createDashboardLink(dataDir: string, logger: Logger): DashboardLink {
  const file = join(dataDir, 'dashboard-link')
  let baseUrl: string | undefined
  let code = ''
  const issueNext = (): string => {
    code = Buffer.from(crypto.getRandomValues(new Uint8Array(CODE_BYTES))).toString('base64url')
    // Behind the #: browsers send it to nobody, so that it stands in no log on the way.
    const link = `${baseUrl}/dashboard#code=${code}`
    try {
      rmSync(`${file}.next`, { force: true })
      writeFileSync(`${file}.next`, `${link}\n`, { mode: 0o600, flag: 'wx' })
      renameSync(`${file}.next`, file)
    } catch (error) {
      logger.warn('the next dashboard link cannot be written', { file, error })
    }
    return link
  }
  return {
    file,
    issue(url) {
      baseUrl = url
      return issueNext()
    },
    redeem(presented) {
      if (baseUrl === undefined || !constantTimeEqual(presented, code)) return false
      issueNext()
      return true
    },
  }
}

/** In a time that tells nothing of either. */
function constantTimeEqual(one: string, other: string): boolean {
  const [first, second] = [one, other].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(first!, second!)
}
