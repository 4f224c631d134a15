import { afterEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDashboardLink } from '../../../../src/host/data-directory/dashboard-link.ts'
import { keepingLogger } from '../../../support/base/silent-logger.ts'

const BASE = 'http://localhost:3000'

describe('the sign-in link', () => {
  const directories: string[] = []
  afterEach(() => {
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
  })
  const opened = () => {
    const directory = mkdtempSync(join(tmpdir(), 'outreach-link-'))
    directories.push(directory)
    const logger = keepingLogger()
    const link = createDashboardLink(directory, logger)
    const kept = () => readFileSync(link.file, 'utf8').trim()
    return { directory, logger, link, kept }
  }
  const codeOf = (link: string) => new URL(link).hash.slice('#code='.length)

  test('is in a file that only its owner can read, with a random code', () => {
    const { link, kept } = opened()
    const printed = link.issue(BASE)
    expect(kept()).toBe(printed)
    expect(statSync(link.file).mode & 0o777).toBe(0o600)
    expect(printed).toMatch(/^http:\/\/localhost:3000\/dashboard#code=[A-Za-z0-9_-]{43}$/)
  })

  test('is valid once; then the file holds the next one', () => {
    const { link, kept } = opened()
    const first = link.issue(BASE)
    expect(link.redeem(codeOf(first))).toBe(true)
    const second = kept()
    expect(second).not.toBe(first)
    expect([link.redeem(codeOf(first)), link.redeem(codeOf(second)), link.redeem(codeOf(second))]).toEqual([
      false,
      true,
      false,
    ])
  })

  test('stays valid after a wrong code', () => {
    const { link, kept } = opened()
    const printed = link.issue(BASE)
    for (const wrong of ['', ' ', codeOf(printed).slice(1), `${codeOf(printed)}=`, codeOf(printed).toLowerCase()])
      expect([wrong, link.redeem(wrong)]).toEqual([wrong, false])
    expect([kept(), link.redeem(codeOf(printed))]).toEqual([printed, true])
  })

  test('is invalid before it was issued, and in another service', () => {
    const [one, other] = [opened(), opened()]
    expect(one.link.redeem('')).toBe(false)
    other.link.issue(BASE)
    expect(other.link.redeem(codeOf(one.link.issue(BASE)))).toBe(false)
  })

  test('signs in when the next one cannot be written, and logs that without the code', () => {
    const { link, logger } = opened()
    const printed = link.issue(BASE)
    mkdirSync(`${link.file}.new`)
    expect(link.redeem(codeOf(printed))).toBe(true)
    expect(link.redeem(codeOf(printed))).toBe(false)
    expect(logger.lines.map(({ level }) => level)).toEqual(['warn'])
    expect(existsSync(link.file)).toBe(true)
  })
})
