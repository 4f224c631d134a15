import { createHash, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import type { Logger } from '../../base/logger.ts'
import { randomSecret } from './random-secret.ts'
import { replaceFile } from './replace-file.ts'

const CODE_BYTES = 32

/** A link that signs a developer into the dashboards once; each use makes the next link. */
export interface DashboardLink {
  /** The file that holds the current link, readable by its owner only. */
  readonly file: string
  /** Makes the first link, below the address under which people reach the service, and returns it. No code is valid before. */
  issue(baseUrl: string): string
  /** Whether that is the code of the current link. If so, the code is used up and the file holds the next link. */
  redeem(code: string): boolean
}

/**
 * Keeps the sign-in link of a data directory. The link is proof of a developer on this machine, as only the start's output and that file contain it. The address in it is for
 * the developer's browser only: a code is valid whatever the address or the `Host` header of its request, which would prove nothing behind a proxy.
 */
export function createDashboardLink(dataDir: string, logger: Logger): DashboardLink {
  const file = join(dataDir, 'dashboard-link')
  let baseUrl: string | undefined
  let code = ''
  const issueNext = (): string => {
    code = randomSecret(CODE_BYTES)
    // Browsers do not send the part after the #, so that no log on the way contains the code.
    const link = `${baseUrl}/dashboard#code=${code}`
    try {
      replaceFile(file, `${link}\n`)
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

/** Takes the same time whatever the texts are. */
function constantTimeEqual(one: string, other: string): boolean {
  const [first, second] = [one, other].map((value) => createHash('sha256').update(value).digest())
  return timingSafeEqual(first!, second!)
}
