/**
 * The production packages and their licences: `npm run licences` prints them in the format of docs/security.md.
 */
import { existsSync, readFileSync } from 'node:fs'

interface Entry {
  readonly dev?: boolean
  readonly optional?: boolean
  readonly license?: string
  readonly hasInstallScript?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
}

export interface ProductionPackage {
  readonly name: string
  /** An SPDX expression; empty when the package has none. */
  readonly licence: string
  readonly hasInstallScript: boolean
  /** One of several builds of a package, of which a machine installs at most one. */
  readonly isPlatformBuild: boolean
}

const root = new URL('../../..', import.meta.url).pathname

/** Every production package of the lockfile. An installed package is read itself, because the lockfile only repeats the registry. */
export function productionPackages(): ProductionPackage[] {
  const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as {
    packages: Record<string, Entry>
  }
  return Object.entries(packages).flatMap(([path, entry]) => {
    if (path === '' || entry.dev === true) return []
    const manifest = `${root}${path}/package.json`
    const { license } = existsSync(manifest)
      ? (JSON.parse(readFileSync(manifest, 'utf8')) as { license?: unknown })
      : entry
    return [
      {
        name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
        licence: typeof license === 'string' ? license : '',
        hasInstallScript: entry.hasInstallScript ?? false,
        isPlatformBuild: entry.optional === true && (entry.os !== undefined || entry.cpu !== undefined),
      },
    ]
  })
}

/** One line per licence, as Markdown. Builds for single platforms are listed under the package that they belong to. */
export function licenceList(packages: readonly ProductionPackage[]): string {
  const listed = packages.filter(({ isPlatformBuild }) => !isPlatformBuild)
  const byLicence = [...Map.groupBy(listed, ({ licence }) => licence)].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return byLicence
    .map(
      ([licence, members]) =>
        `- **${licence}**: ${[...new Set(members.map(({ name }) => name))].toSorted().join(', ')}`,
    )
    .join('\n')
}

if (import.meta.main) console.log(licenceList(productionPackages()))
