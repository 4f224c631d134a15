import { copyFileSync, type Dirent, linkSync, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Every part of a table, and every projection of a part, has this file. */
const PART_MARKER = 'checksums.txt'

/**
 * Copies a data directory whose service has exited to `target`, on the same file system. The columns of parts become hard links, because the engine writes them once and
 * never changes them: it replaces a part by another. Everything else, about a fiftieth of the bytes, is really copied.
 */
export function copyStore(source: string, target: string): void {
  mkdirSync(target, { recursive: true, mode: 0o700 })
  const entries = readdirSync(source, { withFileTypes: true })
  const isPart = entries.some(({ name }) => name === PART_MARKER)
  for (const entry of entries) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)]
    if (entry.isDirectory()) copyStore(from, to)
    else if (isPart && isColumn(entry)) linkSync(from, to)
    else if (entry.isFile()) copyFileSync(from, to)
  }
}

function isColumn(entry: Dirent): boolean {
  return entry.isFile() && entry.name.endsWith('.bin')
}

/** Size and time of the last change of every file below a directory: two equal fingerprints mean that nothing was changed, added or removed. */
export function fingerprintOf(directory: string): string {
  const hash = new Bun.CryptoHasher('sha256')
  const add = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) add(path)
      else {
        const { size, mtimeMs } = lstatSync(path)
        hash.update(`${path}\n${size} ${mtimeMs}\n`)
      }
    }
  }
  add(directory)
  return hash.digest('hex')
}
